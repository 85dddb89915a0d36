export const algorithms = ['bucket', 'fixed', 'sliding'] as const;
export type Algorithm = (typeof algorithms)[number];

export const dimensionNames = ['rpm', 'tpd', 'tpm', 'itpm', 'otpm'] as const;
export type DimensionName = (typeof dimensionNames)[number];

/** One quota of a model. Amounts are in its unit: tokens or requests. */
export interface Dimension {
  readonly name: DimensionName;
  /** In one period. */
  readonly limit: number;
  readonly periodSeconds: number;
  readonly algorithm: Algorithm;
  /** How much of the quota a bucket holds. */
  readonly burstSeconds: number;
  /** What a refused call costs. */
  readonly refusalCost: number;
}

/** The most that can ever be there at once. */
export function sizeOf(
  { limit, periodSeconds, algorithm, burstSeconds }: Dimension,
  multiplier: number,
): number {
  return algorithm === 'bucket' ? (limit * multiplier * burstSeconds) / periodSeconds : limit * multiplier;
}

export function perMillisecond({ limit, periodSeconds }: Dimension): number {
  return limit / (periodSeconds * 1000);
}
