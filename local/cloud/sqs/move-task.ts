export type MoveStatus = 'RUNNING' | 'COMPLETED' | 'CANCELLED' | 'FAILED';

/** One run of StartMessageMoveTask, as it is kept and shown. */
export interface MoveTask {
  readonly handle: string;
  readonly sourceUid: string;
  readonly sourceArn: string;
  /** Undefined: each message goes back to where it came from. */
  readonly destinationArn?: string;
  readonly maxPerSecond?: number;
  readonly startedAtMs: number;
  /** What was visible when it started: what comes back while it runs is left for another task. */
  readonly toMove: number;
  readonly moved: number;
  readonly status: MoveStatus;
  readonly failureReason?: string;
}

/** A stretch of work without interruption: a restart begins a new one. */
export interface Stretch {
  readonly startedAtMs: number;
  readonly movedBefore: number;
}

/** Without a limit a task takes turns with everything else in portions of this. */
const PORTION = 500;

/** How many messages may be moved now. The first goes at once, and the n-th n - 1 intervals later. */
export function decidePortion(task: MoveTask, stretch: Stretch, nowMs: number): number {
  const left = task.toMove - task.moved;
  if (task.maxPerSecond === undefined) return Math.min(left, PORTION);
  const due = 1 + Math.floor(((nowMs - stretch.startedAtMs) * task.maxPerSecond) / 1000);
  return Math.max(0, Math.min(left, PORTION, due - (task.moved - stretch.movedBefore)));
}

/** What `moved` messages more, and the reason why the next could not be moved, make of a task. */
export function nextMoveTask(
  task: MoveTask,
  moved: number,
  end: 'more' | 'empty' | { readonly failure: string },
): MoveTask {
  const counted = { ...task, moved: task.moved + moved };
  if (typeof end === 'object') return { ...counted, status: 'FAILED', failureReason: end.failure };
  const isDone = end === 'empty' || counted.moved >= counted.toMove;
  return isDone ? { ...counted, status: 'COMPLETED' } : counted;
}
