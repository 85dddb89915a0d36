/** A plain mean of the first values that turns into a moving average. */
export interface MovingMean {
  add(value: number): void;
  /** 0 until there is a value, unless a first guess was given. */
  value(): number;
  count(): number;
  save(): SavedMean;
}

/** Count, mean. */
export type SavedMean = readonly [number, number];

export const createMovingMean = (leastWeight: number, saved: SavedMean = [0, 0]): MovingMean => {
  let [count, mean] = saved;
  return {
    add: (value) => {
      count += 1;
      mean += (value - mean) * Math.max(leastWeight, 1 / count);
    },
    value: () => mean,
    count: () => count,
    save: () => [count, Number(mean.toPrecision(6))],
  };
};
