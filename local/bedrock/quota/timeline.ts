/** A value that changes in steps. */
export interface Timeline {
  /** Until the first step. */
  readonly initial: number;
  /** In the order of their time. */
  readonly steps: readonly TimelineStep[];
}

export interface TimelineStep {
  readonly atMs: number;
  readonly value: number;
}

/** A stretch of time in which no timeline changes; its end is not part of it. */
export interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
}

export function constantly(value: number): Timeline {
  return { initial: value, steps: [] };
}

export function valueAt({ initial, steps }: Timeline, atMs: number): number {
  return steps.findLast((step) => step.atMs <= atMs)?.value ?? initial;
}

export function stretches(timelines: readonly Timeline[], { fromMs, toMs }: Stretch): readonly Stretch[] {
  if (toMs <= fromMs) return [];
  const changes = timelines.flatMap(({ steps }) => steps.map(({ atMs }) => atMs));
  const inside = changes.filter((atMs) => atMs > fromMs && atMs < toMs).sort((a, b) => a - b);
  const starts = [fromMs, ...inside];
  return starts.map((start, index) => ({ fromMs: start, toMs: starts[index + 1] ?? toMs }));
}
