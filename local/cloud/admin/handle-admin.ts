import type { IncomingMessage, ServerResponse } from 'node:http';
import { refusalOfCaller } from '../../foreign-page.ts';
import { parseFaultOrder } from '../faults/parse-fault-order.ts';
import type { StoreFaults } from '../faults/store-faults.ts';
import { readBody } from '../read-body.ts';
import type { Outbox } from '../sns/outbox.ts';
import { type LiveSettings, parseSettingsChange } from './cloud-settings.ts';

/** No bucket can have this name. */
const ADMIN_PATH = /^\/_cloud(\/|\?|$)/;
const ADMIN_ROUTES = [
  'GET /_cloud/settings',
  'PUT /_cloud/settings',
  'GET /_cloud/outbox',
  'DELETE /_cloud/outbox',
  'GET /_cloud/faults',
  'POST /_cloud/faults',
  'DELETE /_cloud/faults',
];
const MAX_BODY_BYTES = 64 * 1024;
const SHOWN_EMAILS = { max: 1_000, fallback: 100 };

export interface AdminServices {
  readonly settings: LiveSettings;
  readonly outbox: Outbox;
  readonly faults: StoreFaults;
}

interface Answer {
  readonly status: number;
  readonly body: object;
}

export function isAdminRequest(request: IncomingMessage): boolean {
  return ADMIN_PATH.test(request.url ?? '');
}

export async function handleAdmin(
  services: AdminServices,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { status, body } = await answer(services, request);
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}

async function answer(services: AdminServices, request: IncomingMessage): Promise<Answer> {
  const { host, origin } = request.headers;
  const refusal = refusalOfCaller({ host, origin });
  if (refusal !== undefined) return refuse(403, refusal);
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
  switch (`${request.method} ${pathname}`) {
    case 'GET /_cloud/settings':
      return { status: 200, body: services.settings.current };
    case 'PUT /_cloud/settings':
      return changeSettings(services, (await readBody(request, MAX_BODY_BYTES)).toString());
    case 'GET /_cloud/outbox':
      return readOutbox(services.outbox, searchParams.get('limit'));
    case 'DELETE /_cloud/outbox':
      await services.outbox.clear();
      return { status: 200, body: { emails: [] } };
    case 'GET /_cloud/faults':
      return tellFaults(services);
    case 'POST /_cloud/faults':
      return addFault(services, (await readBody(request, MAX_BODY_BYTES)).toString());
    case 'DELETE /_cloud/faults':
      services.faults.clear();
      return tellFaults(services);
    default:
      return refuse(404, `There is no ${request.method} ${pathname}. There are ${ADMIN_ROUTES.join(', ')}.`);
  }
}

function changeSettings(services: AdminServices, body: string): Answer {
  const change = parseSettingsChange(body);
  if (change.kind === 'problems') return refuse(400, ...change.problems);
  services.settings.change(change.changes);
  return { status: 200, body: services.settings.current };
}

function tellFaults({ faults }: AdminServices): Answer {
  return { status: 200, body: { faults: faults.current } };
}

function addFault(services: AdminServices, body: string): Answer {
  const parsed = parseFaultOrder(body);
  if (parsed.kind === 'problems') return refuse(400, ...parsed.problems);
  services.faults.add(parsed.order);
  return tellFaults(services);
}

function readOutbox(outbox: Outbox, limit: string | null): Answer {
  const count = limit === null ? SHOWN_EMAILS.fallback : /^\d{1,6}$/.test(limit) ? Number(limit) : Number.NaN;
  if (count >= 1 && count <= SHOWN_EMAILS.max) return { status: 200, body: { emails: outbox.newest(count) } };
  return refuse(400, `limit must be an integer from 1 to ${SHOWN_EMAILS.max}, but is "${limit}".`);
}

function refuse(status: number, ...problems: string[]): Answer {
  return { status, body: { problems } };
}
