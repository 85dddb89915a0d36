const SLOTS = 64;

/** What was added in each of the last seconds, up to a minute of them. */
export interface RecentSum {
  add(amount: number, nowMs: number): void;
  /** Over the last so many whole seconds and the one that runs. */
  perSecond(seconds: number, nowMs: number): number;
  /** As if so much had been added evenly in the seconds before. */
  fill(perSecond: number, seconds: number, nowMs: number): void;
}

export const createRecentSum = (): RecentSum => {
  const amounts = new Array<number>(SLOTS).fill(0);
  const seconds = new Array<number>(SLOTS).fill(-1);
  const slotOf = (second: number): number => {
    const slot = ((second % SLOTS) + SLOTS) % SLOTS;
    if (seconds[slot] !== second) {
      seconds[slot] = second;
      amounts[slot] = 0;
    }
    return slot;
  };
  const add = (amount: number, nowMs: number): void => {
    const slot = slotOf(Math.floor(nowMs / 1000));
    amounts[slot] = (amounts[slot] ?? 0) + amount;
  };
  return {
    add,
    perSecond: (span, nowMs) => {
      const last = Math.floor(nowMs / 1000);
      let sum = 0;
      for (let slot = 0; slot < SLOTS; slot++) {
        const second = seconds[slot] ?? -1;
        if (second <= last && second >= last - span) sum += amounts[slot] ?? 0;
      }
      return sum / (span + nowMs / 1000 - last);
    },
    fill: (perSecond, span, nowMs) => {
      for (let back = span; back > 0; back--) add(perSecond, nowMs - back * 1000);
    },
  };
};
