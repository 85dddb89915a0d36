import { type Arena, type Ask, type Contender, play } from './contender.ts';
import { BURNDOWN, TOKENS_PER_MINUTE } from './workload.ts';

const SPACED_SHARE = 0.92;

/** Each send waits until the one before would have been paid for at its largest. A refusal ends it. */
const throughEvenSpacing = (arena: Arena): Ask => {
  const { events } = arena;
  const perMs = (SPACED_SHARE * TOKENS_PER_MINUTE) / 60_000;
  let freeAtMs = events.nowMs();
  return async (request) => {
    const atMs = Math.max(freeAtMs, events.nowMs());
    freeAtMs = atMs + (request.estimatedTokens + BURNDOWN * request.maxTokens) / perMs;
    await arena.sleep(atMs - events.nowMs());
    return (await arena.call(request)) ? 'answered' : 'lost';
  };
};

export const evenSpacing: Contender = {
  name: 'even spacing, 92 %',
  kind: 'model',
  setup: 'spaced by input and max_tokens times the burndown, first come first served; a refusal ends it',
  run: (workload, seed) => play(workload, seed, throughEvenSpacing),
};
