/** Numbers in [0, 1) that look random and are the same in each run (mulberry32). */
export const createRandom = (seed = 1): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};

/** Bytes that differ from call to call. */
export const createRandomBytes = (): ((count: number) => Uint8Array) => {
  let calls = 0;
  return (count) => {
    calls += 1;
    return Uint8Array.from({ length: count }, (_, index) => (calls >> (8 * (count - 1 - index))) & 255);
  };
};

/** `prefix-1`, `prefix-2`, … */
export const createNumbered = (prefix: string): (() => string) => {
  let last = 0;
  return () => {
    last += 1;
    return `${prefix}-${last}`;
  };
};
