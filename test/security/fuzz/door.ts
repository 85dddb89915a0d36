import fc from 'fast-check';

/** A way for something from outside to come in. */
export interface Door<T> {
  readonly arbitrary: fc.Arbitrary<T>;
  /** What is wrong with how it was answered; nothing, if it was answered as promised. */
  readonly check: (sent: T) => Promise<string | undefined>;
}

const MOST_CPU_MS = 5_000;

/** An answer that costs more than anything sound ever would is as bad as none. */
const costFault = (before: NodeJS.CpuUsage): string | undefined => {
  const { user, system } = process.cpuUsage(before);
  const cpuMs = (user + system) / 1000;
  return cpuMs > MOST_CPU_MS ? `it took ${Math.round(cpuMs)} ms of CPU` : undefined;
};

export interface Fuzz {
  readonly seed: number;
  readonly cases: number;
}

/** Tries so many; answers with the first that was not answered as promised, made as small as it gets. */
export const fuzzDoor = async <T>(
  { arbitrary, check }: Door<T>,
  { seed, cases }: Fuzz,
): Promise<string | undefined> => {
  const property = fc.asyncProperty(arbitrary, async (sent) => {
    const before = process.cpuUsage();
    const fault = (await check(sent)) ?? costFault(before);
    if (fault !== undefined) throw new Error(fault);
  });
  const found = await fc.check(property, { seed, numRuns: cases });
  if (!found.failed) return undefined;
  const why =
    found.errorInstance instanceof Error ? found.errorInstance.message : String(found.errorInstance);
  const stack = found.errorInstance instanceof Error ? found.errorInstance.stack?.split('\n')[1]?.trim() : '';
  return `${why}; by ${fc.stringify(found.counterexample)}; seed ${seed}, path ${found.counterexamplePath} (${stack})`;
};
