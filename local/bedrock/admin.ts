import { type Caller, refusalOfCaller } from '../foreign-page.ts';
import { readWindow, showWindow } from './faults/fault-windows.ts';
import type { LiveModel } from './live-model.ts';
import { parseJson } from './request/converse-request.ts';
import type { Service } from './service.ts';
import { resetTruth, serviceTruth } from './service-truth.ts';
import { jsonResponse } from './wire/http-answers.ts';
import type { Exchange, Response } from './wire/one-port-server.ts';

export const adminPrefix = '/_sim/';

const maxBodyBytes = 1_048_576;

/**
 * GET    /_sim/truth[?calls=1][&seconds=60][&after=7]   what happened
 * DELETE /_sim/truth                          count anew from now on
 * GET    /_sim/models[/{id}]                  the models and their settings
 * PUT    /_sim/models/{id}                    change settings of one model
 * GET    /_sim/faults                         the fault windows
 * POST   /_sim/faults                         add a fault window
 * DELETE /_sim/faults[/{id}]                  end one, or all
 */
export async function handleAdmin(service: Service, exchange: Exchange): Promise<Response> {
  const { method, target } = exchange;
  const refusal = refusalOfCaller(callerOf(exchange));
  if (refusal !== undefined) return faulty(403, [refusal]);
  const { pathname, searchParams } = new URL(target, 'http://127.0.0.1');
  const [topic = '', ...rest] = pathname.slice(adminPrefix.length).split('/');
  const id = rest.length === 0 ? undefined : rest.join('/');
  const request: AdminRequest = { service, exchange, id, searchParams };
  const route = `${method} ${topic}${id === undefined ? '' : '/{id}'}`;
  const handle = Object.hasOwn(routes, route) ? routes[route] : undefined;
  if (handle !== undefined) return handle(request);
  const known = Object.keys(routes).map((route) => route.replace(' ', ` ${adminPrefix}`));
  return faulty(404, [
    `${method} ${pathname} is no part of the simulator's own API; there are ${known.join(', ')}`,
  ]);
}

interface AdminRequest {
  readonly service: Service;
  readonly exchange: Exchange;
  /** As it came, percent-encoded. */
  readonly id: string | undefined;
  readonly searchParams: URLSearchParams;
}

const routes: Readonly<Record<string, (request: AdminRequest) => Response | Promise<Response>>> = {
  'GET truth': readTruth,
  'DELETE truth': ({ service }) => {
    resetTruth(service);
    return jsonResponse(200, serviceTruth(service));
  },
  'GET models': ({ service }) => {
    const { models, latencyScale, timeScale } = service;
    const settings = Object.fromEntries(models.all.map((model) => [model.id, model.settings()]));
    return jsonResponse(200, { latencyScale, timeScale, models: settings });
  },
  'GET models/{id}': ({ service, id = '' }) =>
    withModel(service, id, (model) => jsonResponse(200, shown(model))),
  'PUT models/{id}': async ({ service, exchange, id = '' }) => {
    const body = await readJson(exchange);
    return withModel(service, id, (model) => {
      const faults = model.change(body, service.clock());
      return faults.length > 0 ? faulty(400, faults) : jsonResponse(200, shown(model));
    });
  },
  'GET faults': ({ service }) => jsonResponse(200, shownFaults(service)),
  'POST faults': addFault,
  'DELETE faults': ({ service }) => {
    service.windows.clear();
    return jsonResponse(200, shownFaults(service));
  },
  'DELETE faults/{id}': ({ service, id = '' }) =>
    service.windows.remove(Number(id))
      ? jsonResponse(200, shownFaults(service))
      : faulty(404, [`there is no fault window ${id}`]),
};

const wholeNumbers = {
  seconds: { least: 1, most: 3_600 },
  after: { least: 0, most: Number.MAX_SAFE_INTEGER },
} as const;

function readTruth({ service, searchParams }: AdminRequest): Response {
  const faults: string[] = [];
  const read = (name: keyof typeof wholeNumbers): number | undefined => {
    const text = searchParams.get(name);
    if (text === null) return undefined;
    const { least, most } = wholeNumbers[name];
    if (/^\d+$/.test(text) && Number(text) >= least && Number(text) <= most) return Number(text);
    faults.push(`${name} must be a whole number between ${least} and ${most}, got ${JSON.stringify(text)}`);
    return undefined;
  };
  const seconds = read('seconds');
  const afterSeq = read('after');
  if (faults.length > 0) return faulty(400, faults);
  const calls = searchParams.get('calls') === '1';
  const options = { calls, ...(seconds === undefined ? {} : { seconds }) };
  return jsonResponse(
    200,
    serviceTruth(service, afterSeq === undefined ? options : { ...options, afterSeq }),
  );
}

async function addFault({ service, exchange }: AdminRequest): Promise<Response> {
  const body = await readJson(exchange);
  const nowMs = service.clock();
  const models = service.models.all.map(({ id }) => id);
  const read = readWindow(body, models, nowMs);
  if (read.kind === 'faults') return faulty(400, read.faults);
  if (read.window.fault === 'slow' && service.forward !== undefined) {
    return faulty(400, ['fault must not be slow: the server behind sets the pace']);
  }
  return jsonResponse(201, showWindow(service.windows.add(read.window), nowMs));
}

function shownFaults({ windows, clock }: Service): unknown {
  const nowMs = clock();
  return { faults: windows.all().map((window) => showWindow(window, nowMs)) };
}

function shown(model: LiveModel): unknown {
  return { id: model.id, ...model.settings() };
}

function withModel(service: Service, encodedId: string, then: (model: LiveModel) => Response): Response {
  const id = decode(encodedId);
  const model = id === undefined ? undefined : service.models.find(id);
  if (model !== undefined) return then(model);
  const known = service.models.all.map((each) => each.id).join(', ');
  return faulty(404, [`there is no model ${id ?? encodedId}; known are ${known}`]);
}

/** All faults at once, as a list and as one sentence. */
function faulty(status: number, faults: readonly string[]): Response {
  return jsonResponse(status, { message: faults.join('; '), faults });
}

async function readJson(exchange: Exchange): Promise<unknown> {
  const body = await exchange.readBody(maxBodyBytes);
  return body.kind === 'whole' ? parseJson(body.text) : undefined;
}

export function decode(encoded: string): string | undefined {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
}

export function callerOf({ header }: Exchange): Caller {
  return { host: header(':authority') ?? header('host'), origin: header('origin') };
}
