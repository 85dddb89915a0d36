/** Events a second, forgotten within about half a minute. */
export interface DecayedRate {
  event(): void;
  pass(seconds: number): void;
  perSecond(): number;
}

const MEMORY_SECONDS = 10;

export const createDecayedRate = (savedPerSecond = 0): DecayedRate => {
  let events = savedPerSecond * MEMORY_SECONDS;
  return {
    event: () => {
      events += 1;
    },
    pass: (seconds) => {
      events *= Math.exp(-seconds / MEMORY_SECONDS);
    },
    perSecond: () => events / MEMORY_SECONDS,
  };
};
