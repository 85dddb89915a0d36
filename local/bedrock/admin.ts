import { jsonResponse } from './http-answers.ts';
import type { LiveModel } from './model-registry.ts';
import type { Exchange, Response } from './one-port-server.ts';
import type { Service } from './service.ts';
import { serviceTruth } from './service-truth.ts';
import { parseModelChange } from './simulated-model.ts';

export const adminPrefix = '/_sim/';

const modelPrefix = `${adminPrefix}models/`;
const maxBodyBytes = 65_536;

/**
 * GET /_sim/truth[?calls=1]   what happened
 * GET /_sim/models            the models and their settings
 * PUT /_sim/models/{id}       change settings of one model
 */
export async function handleAdmin(service: Service, exchange: Exchange): Promise<Response> {
  const { method, target } = exchange;
  const { pathname, searchParams } = new URL(target, 'http://127.0.0.1');
  if (method === 'GET' && pathname === `${adminPrefix}truth`) {
    return jsonResponse(200, serviceTruth(service, { calls: searchParams.get('calls') === '1' }));
  }
  if (method === 'GET' && pathname === `${adminPrefix}models`) {
    return jsonResponse(200, {
      models: Object.fromEntries(service.models.all.map((model) => [model.id, model.settings()])),
    });
  }
  if (method === 'PUT' && pathname.startsWith(modelPrefix)) {
    return changeModel(service, exchange, pathname.slice(modelPrefix.length));
  }
  return jsonResponse(404, { message: `${method} ${pathname} is no part of the simulator's own API` });
}

async function changeModel(service: Service, exchange: Exchange, encodedId: string): Promise<Response> {
  const body = await exchange.readBody(maxBodyBytes);
  const id = decode(encodedId);
  const model = id === undefined ? undefined : service.models.find(id);
  if (model === undefined) {
    const known = service.models.all.map((each) => each.id).join(', ');
    return jsonResponse(404, { message: `there is no model ${id ?? encodedId}; known are ${known}` });
  }
  return applyChange(model, body.kind === 'whole' ? body.text : '', service.clock());
}

function applyChange(model: LiveModel, body: string, nowMs: number): Response {
  const read = parseModelChange(parse(body));
  if (read.kind === 'faults') return jsonResponse(400, { message: read.faults.join('; ') });
  model.change(read.change, nowMs);
  return jsonResponse(200, { id: model.id, ...model.settings() });
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

export function decode(encoded: string): string | undefined {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
}
