import type { UnitReport } from './part.ts';

/** What is kept of a run between invocations. */
export interface RunState {
  readonly part: string;
  /** What it was begun with: a run goes on as it was begun. */
  readonly options: Readonly<Record<string, number>>;
  readonly reports: readonly UnitReport[];
}

export const leftOf = (units: readonly string[], { reports }: Pick<RunState, 'reports'>): readonly string[] =>
  units.filter((unit) => !reports.some((report) => report.unit === unit));

export interface Time {
  readonly spentMinutes: number;
  readonly mostMinutes: number;
  readonly mostMinutesEach: number;
}

/** The unit to do after others; nothing when none is left, or none would surely end in time. */
export const nextUnit = (
  left: readonly string[],
  { spentMinutes, mostMinutes, mostMinutesEach }: Time,
): string | undefined => (spentMinutes + mostMinutesEach > mostMinutes ? undefined : left[0]);

/** 0: all done and sound. 1: something does not hold. 3: sound so far, and more is to be done. */
export const exitCodeOf = (units: readonly string[], state: Pick<RunState, 'reports'>): 0 | 1 | 3 => {
  if (state.reports.some(({ faults }) => faults.length > 0)) return 1;
  return leftOf(units, state).length > 0 ? 3 : 0;
};
