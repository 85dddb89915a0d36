/** One look at something that should not grow. */
export interface Sample {
  readonly atMs: number;
  readonly value: number;
}

const middleOf = (values: readonly number[]): number => {
  const sorted = values.toSorted((one, other) => one - other);
  const half = sorted.length >> 1;
  const [low = 0, high = 0] = sorted.length % 2 === 1 ? [sorted[half], sorted[half]] : sorted.slice(half - 1);
  return (low + high) / 2;
};

/**
 * By how much it grows from the first sample to the last, along the middle of the slopes between all pairs (Theil and
 * Sen): a few looks at a bad moment do not bend it, and something that grows a little each time does.
 */
export const growthOf = (samples: readonly Sample[]): number => {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined || samples.length < 2) return 0;
  const slopes: number[] = [];
  for (const [index, one] of samples.entries())
    for (const other of samples.slice(index + 1))
      if (other.atMs > one.atMs) slopes.push((other.value - one.value) / (other.atMs - one.atMs));
  return slopes.length === 0 ? 0 : middleOf(slopes) * (last.atMs - first.atMs);
};

export const middleValueOf = (samples: readonly Sample[]): number =>
  samples.length === 0 ? 0 : middleOf(samples.map(({ value }) => value));

export interface Flatness {
  readonly what: string;
  readonly samples: readonly Sample[];
  readonly mostGrowth: number;
  /** Fewer say nothing, and that is a fault as well. */
  readonly fewestSamples: number;
}

/** What is wrong with it, if something is. */
export const flatFault = ({ what, samples, mostGrowth, fewestSamples }: Flatness): string | undefined => {
  if (samples.length < fewestSamples)
    return `${what}: ${samples.length} samples, of which at least ${fewestSamples} are needed to tell.`;
  const growth = growthOf(samples);
  return growth > mostGrowth
    ? `${what} grew by ${growth.toFixed(1)}, at most ${mostGrowth} are allowed.`
    : undefined;
};
