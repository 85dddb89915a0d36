import type { Context } from 'hono';

/**
 * Lambda does not tell a function that its client has gone. A local gateway knows: it tells by the event, and whoever
 * waits on behalf of the client stops.
 */
const signals = new WeakMap<object, AbortSignal>();

export const tellClientLeft = (event: object, left: AbortSignal): void => {
  signals.set(event, left);
};

const clientLeftOf = (event: unknown): AbortSignal | undefined =>
  typeof event === 'object' && event !== null ? signals.get(event) : undefined;

/** Of a signal that is aborted though the client is there: it is the server that ends. */
export const SERVER_ENDS = 'the server ends';

export const hasClientGone = (left: AbortSignal | undefined): boolean =>
  left?.aborted === true && left.reason !== SERVER_ENDS;

/** Of the call that a context is of, where its gateway tells. */
export const leftOfCall = (context: Context): AbortSignal | undefined =>
  clientLeftOf((context.env as { readonly event?: unknown } | undefined)?.event);
