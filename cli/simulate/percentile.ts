/** Nearest rank: the smallest value that so many of all do not exceed. 0 of nothing. */
export const percentile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
};

export const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;

/** 1 when all get the same, 1/n when one gets everything. (Jain, Chiu, Hawe 1984.) */
export const jainIndex = (values: readonly number[]): number => {
  const squares = values.reduce((sum, value) => sum + value * value, 0);
  const total = values.reduce((sum, value) => sum + value, 0);
  return squares === 0 ? 1 : total ** 2 / (values.length * squares);
};
