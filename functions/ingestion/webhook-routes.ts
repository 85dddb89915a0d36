import type { Hono } from 'hono';
import { EVENT_ID_PATTERN } from '../../shared/contract/events.ts';
import type { Settings } from '../../shared/contract/settings.ts';
import { createReplayDelivery, type ReplayDeps } from '../../shared/flows/events/replay-delivery.ts';
import { rotateSecrets, type SecretDeps, secretsOf } from '../../shared/flows/events/webhook-secrets.ts';
import { tenantOfCaller } from '../runtime/caller.ts';
import { problemResponse } from '../runtime/problem-response.ts';
import { jsonResponse } from '../runtime/request-response.ts';

export type WebhookDeps = ReplayDeps & SecretDeps & { readonly settings: Settings };

const turnedOff = ({ settings }: WebhookDeps): Response | undefined =>
  settings.webhooks === 'off'
    ? problemResponse('not_found', { detail: 'The setting `webhooks` is `off`: there are none.' })
    : undefined;

const addSecret = (app: Hono, deps: WebhookDeps): void => {
  const answer = async (secrets: ReturnType<typeof secretsOf>): Promise<Response> => {
    const { current, previous } = await secrets;
    const until = previous === undefined ? null : new Date(previous.untilMs).toISOString();
    return jsonResponse({ secret: current, previous_until: until }, { status: 200 });
  };
  app.post(
    '/v1/webhooks/secret',
    (context) => turnedOff(deps) ?? answer(secretsOf(tenantOfCaller(context), deps)),
  );
  app.post(
    '/v1/webhooks/secret/rotate',
    (context) => turnedOff(deps) ?? answer(rotateSecrets(tenantOfCaller(context), deps)),
  );
};

/** The HTTP door for what a tenant's webhooks are signed with, and for one that is to be sent again. */
export const addWebhookRoutes = (app: Hono, deps: WebhookDeps): void => {
  const replay = createReplayDelivery(deps);
  addSecret(app, deps);
  app.post('/v1/webhooks/deliveries/:id/replay', async (context) => {
    const off = turnedOff(deps);
    if (off !== undefined) return off;
    const id = context.req.param('id');
    const outcome = EVENT_ID_PATTERN.test(id)
      ? await replay(tenantOfCaller(context), id)
      : ({ kind: 'not_found' } as const);
    if (outcome.kind === 'ordered') return jsonResponse(outcome.delivery, { status: 202 });
    return outcome.kind === 'unavailable'
      ? problemResponse('temporarily_unavailable')
      : problemResponse('not_found', { detail: `There is no delivery ${id.slice(0, 50)}.` });
  });
};
