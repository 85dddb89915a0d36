/**
 * Lambda does not tell a function that its client has gone. A local gateway knows: it tells by the event, and whoever
 * waits on behalf of the client stops.
 */
const signals = new WeakMap<object, AbortSignal>();

export const tellClientLeft = (event: object, left: AbortSignal): void => {
  signals.set(event, left);
};

export const clientLeftOf = (event: unknown): AbortSignal | undefined =>
  typeof event === 'object' && event !== null ? signals.get(event) : undefined;
