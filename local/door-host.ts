import { tellClientLeft } from '../functions/runtime/client-left.ts';
import type { Door } from '../functions/runtime/http-handler.ts';
import { isDoorPath } from '../shared/contract/door-routes.ts';
import type { HttpExchange, HttpOutgoing } from './lambda/http-server.ts';
import { systemTimers, type Timers } from './lambda/timers.ts';

/**
 * Node's fetch gives up on an answer whose head has not begun after 300 seconds, unless something is said meanwhile:
 * https://github.com/nodejs/undici/blob/main/docs/docs/api/Dispatcher.md
 */
const STILL_THERE_MS = 60_000;

/** Interim answers confuse some clients, such as Python's http.client: they are for those that need them. */
const needsInterimAnswers = ({ headers }: Request): boolean => headers.get('x-stainless-lang') === 'js';

const sayProcessing = (outgoing: HttpOutgoing): void => {
  if (outgoing.headersSent || outgoing.destroyed) return;
  if ('stream' in outgoing) outgoing.stream?.additionalHeaders({ ':status': 102 });
  else outgoing.writeProcessing();
};

const keepSaying = (outgoing: HttpOutgoing, timers: Timers): (() => void) => {
  let cancel = (): void => {};
  const next = (): void => {
    cancel = timers.after(STILL_THERE_MS, () => {
      sayProcessing(outgoing);
      next();
    });
  };
  next();
  return () => cancel();
};

/** Answers at the doors of SDKs, whose calls last as long as their answers take: what a function URL is for. */
export const createDoorHost =
  (door: Door, timers: Timers = systemTimers) =>
  (exchange: HttpExchange): Promise<Response> | undefined => {
    const { request, outgoing } = exchange;
    if (!isDoorPath(new URL(request.url).pathname)) return undefined;
    const event = {};
    exchange.hold();
    tellClientLeft(event, exchange.left());
    const stop = needsInterimAnswers(request) ? keepSaying(outgoing, timers) : () => {};
    return Promise.resolve(door.app.fetch(request, { event })).finally(() => {
      stop();
      door.flush();
    });
  };
