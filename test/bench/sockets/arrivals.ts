import { setTimeout as sleep } from 'node:timers/promises';
import type { SocketRequest } from './load.ts';

/** How often a producer that sends by tens looks what has come. */
export const BY_TENS_MS = 100;

/** Hands each request on when its time has come, those that are due together as one. */
export const asTheyArrive = async (
  requests: readonly SocketRequest[],
  deliver: (due: readonly SocketRequest[]) => void,
  everyMs = 1,
): Promise<void> => {
  const startMs = performance.now();
  for (let next = 0; next < requests.length; ) {
    const nowMs = performance.now() - startMs;
    const from = next;
    while (next < requests.length && (requests[next]?.arrivesAtMs ?? 0) <= nowMs) next += 1;
    if (next > from) deliver(requests.slice(from, next));
    if (next < requests.length) await sleep(Math.max(everyMs, (requests[next]?.arrivesAtMs ?? 0) - nowMs));
  }
};
