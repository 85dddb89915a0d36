export interface PackLimits {
  readonly maxEntries: number;
  readonly maxBytes: number;
}

/** Groups entries in order, so that no group passes either limit; an entry too large alone gets its own. */
export const packBatches = <T>(
  entries: readonly T[],
  sizeBytes: (entry: T) => number,
  limits: PackLimits,
): readonly (readonly T[])[] => {
  const batches: T[][] = [];
  let current: T[] = [];
  let bytes = 0;
  for (const entry of entries) {
    const size = sizeBytes(entry);
    if (current.length > 0 && (current.length >= limits.maxEntries || bytes + size > limits.maxBytes)) {
      batches.push(current);
      current = [];
      bytes = 0;
    }
    current.push(entry);
    bytes += size;
  }
  return current.length === 0 ? batches : [...batches, current];
};
