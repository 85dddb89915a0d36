import type { Hono } from 'hono';
import { DELIVERY_STATUSES, EVENT_ID_PATTERN } from '../../shared/contract/events.ts';
import { REQUEST_ID_PATTERN } from '../../shared/contract/keys.ts';
import { limit } from '../../shared/contract/limits.ts';
import type { QueryFault } from '../../shared/contract/problem.ts';
import { DELIVERIES_PARAMETERS } from '../../shared/contract/routes.ts';
import { createListDeliveries } from '../../shared/flows/events/list-deliveries.ts';
import type { DeliveryLog } from '../../shared/ports/delivery-log.ts';
import { tenantOfCaller } from '../runtime/caller.ts';
import { toFaultyQuery } from '../runtime/problem-response.ts';
import { parameterFaults } from '../runtime/query-faults.ts';
import { jsonResponse } from '../runtime/request-response.ts';

export interface WebhookReadDeps {
  readonly deliveries: Pick<DeliveryLog, 'list'>;
}

const DEFAULT_LIMIT = 20;

const statusOf = (text: string | null) => DELIVERY_STATUSES.find((status) => status === text);

const faultsOf = (query: URLSearchParams): readonly QueryFault[] => {
  const most = limit('list_entries');
  const given = (name: string, isGood: (text: string) => boolean, allowed: string): readonly QueryFault[] => {
    const text = query.get(name);
    const detail = `must be ${allowed}, not \`${text?.slice(0, 50)}\``;
    return text === null || isGood(text) ? [] : [{ parameter: name, code: 'invalid_value', detail }];
  };
  return [
    ...parameterFaults(query, DELIVERIES_PARAMETERS),
    ...given('status', (text) => statusOf(text) !== undefined, `one of ${DELIVERY_STATUSES.join(', ')}`),
    ...given('request_id', (text) => REQUEST_ID_PATTERN.test(text), '`req_` and 26 characters'),
    ...given('cursor', (text) => EVENT_ID_PATTERN.test(text), 'the `next_cursor` of a page before'),
    ...given(
      'limit',
      (text) => /^[1-9]\d{0,5}$/.test(text) && Number(text) <= most,
      `a whole number from 1 to ${most}`,
    ),
  ];
};

/** The HTTP door for how a tenant's own webhooks went. */
export const addWebhookReads = (app: Hono, deps: WebhookReadDeps): void => {
  const list = createListDeliveries(deps);
  app.get('/v1/webhooks/deliveries', async (context) => {
    const query = new URL(context.req.url).searchParams;
    const faults = faultsOf(query);
    if (faults.length > 0) return toFaultyQuery(faults);
    const { deliveries, next } = await list({
      tenant: tenantOfCaller(context),
      status: statusOf(query.get('status')),
      requestId: query.get('request_id') ?? undefined,
      before: query.get('cursor') ?? undefined,
      most: Number(query.get('limit') ?? DEFAULT_LIMIT),
    });
    return jsonResponse({ deliveries, next_cursor: next ?? null }, { status: 200 });
  });
};
