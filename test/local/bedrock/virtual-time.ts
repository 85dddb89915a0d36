import type { BedrockOptions } from '../../../local/bedrock/start-bedrock.ts';

export interface VirtualTime extends Required<Pick<BedrockOptions, 'clock' | 'wait'>> {
  /** Every wait that was asked for, in milliseconds. */
  readonly waits: readonly number[];
}

/** Every wait is over at once, and the clock has moved by it. For one call at a time. */
export function createVirtualTime(startMs = 1_000_000): VirtualTime {
  let nowMs = startMs;
  const waits: number[] = [];
  return {
    waits,
    clock: () => nowMs,
    wait: async (ms, signal) => {
      waits.push(ms);
      nowMs += Math.max(0, ms);
      return !signal.aborted;
    },
  };
}
