import { randomUUID } from 'node:crypto';
import { type CloudDatabase, successorOf } from '../cloud-database.ts';
import { warn } from '../warn.ts';
import { decidePortion, type MoveTask, nextMoveTask, type Stretch } from './move-task.ts';
import type { QueueRegistry } from './queue-registry.ts';

/**
 * Every key that move tasks have in the database:
 *
 *   sqs/move/<uid>/<start>    a task of the queue with this uid, by the milliseconds of its start
 */
const MOVE_PREFIX = 'sqs/move/';
/** As many as ListMessageMoveTasks can show. */
const KEPT_PER_QUEUE = 10;
/** Between two portions: short enough for 500 a second to come evenly. */
const TURN_MS = 20;

export interface MoveTasksOptions {
  readonly database: CloudDatabase;
  readonly queues: QueueRegistry;
  readonly nowMs: () => number;
}

export interface NewMove {
  readonly sourceUid: string;
  readonly sourceArn: string;
  readonly toMove: number;
  readonly destinationArn?: string;
  readonly maxPerSecond?: number;
}

/** The tasks of all queues: those that run, and the last that ended. */
export class MoveTasks {
  readonly #options: MoveTasksOptions;
  /** By source, the newest first. */
  readonly #tasks = new Map<string, MoveTask[]>();
  readonly #stretches = new Map<string, Stretch>();
  #timer: NodeJS.Timeout | undefined;
  #turn: Promise<void> = Promise.resolve();
  #isClosed = false;

  private constructor(options: MoveTasksOptions) {
    this.#options = options;
  }

  /** Goes on with what was running. */
  static async open(options: MoveTasksOptions): Promise<MoveTasks> {
    const tasks = new MoveTasks(options);
    for await (const [, value] of options.database.entries(MOVE_PREFIX, successorOf(MOVE_PREFIX))) {
      const task: MoveTask = JSON.parse(value);
      if (options.queues.findByArn(task.sourceArn)?.uid !== task.sourceUid) {
        await options.database.write([{ type: 'del', key: keyOf(task) }]);
        continue;
      }
      tasks.#listOf(task.sourceUid).unshift(task);
      if (task.status === 'RUNNING') tasks.#run(task);
    }
    return tasks;
  }

  /** The newest first. */
  of(sourceUid: string): readonly MoveTask[] {
    return this.#tasks.get(sourceUid) ?? [];
  }

  running(sourceUid: string): MoveTask | undefined {
    return this.of(sourceUid).find(({ status }) => status === 'RUNNING');
  }

  async start(move: NewMove): Promise<MoveTask> {
    const list = this.#listOf(move.sourceUid);
    // Two starts in one millisecond need two keys.
    const startedAtMs = Math.max(this.#options.nowMs(), (list[0]?.startedAtMs ?? 0) + 1);
    const task: MoveTask = { ...move, handle: randomUUID(), startedAtMs, moved: 0, status: 'RUNNING' };
    list.unshift(task);
    const outdated = list.splice(KEPT_PER_QUEUE);
    this.#run(task);
    await this.#options.database.write([
      { type: 'put', key: keyOf(task), value: JSON.stringify(task) },
      ...outdated.map((old) => ({ type: 'del', key: keyOf(old) }) as const),
    ]);
    return task;
  }

  /** Undefined when no such task runs. */
  async cancel(handle: string): Promise<MoveTask | undefined> {
    const running = [...this.#tasks.values()].flat().find((task) => task.handle === handle);
    if (running?.status !== 'RUNNING') return undefined;
    const cancelled: MoveTask = { ...running, status: 'CANCELLED' };
    await this.#replace(running, cancelled);
    return cancelled;
  }

  /** What runs goes on at the next start. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#turn;
  }

  #run(task: MoveTask): void {
    const stretch = { startedAtMs: this.#options.nowMs(), movedBefore: task.moved };
    this.#stretches.set(task.handle, stretch);
    this.#wake();
  }

  #wake(): void {
    if (this.#isClosed || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#turn = this.#takeTurn().catch(warn);
    }, TURN_MS);
  }

  async #takeTurn(): Promise<void> {
    const running = [...this.#tasks.values()].flat().filter(({ status }) => status === 'RUNNING');
    try {
      await Promise.all(running.map((task) => this.#advance(task)));
    } finally {
      // Also after a failure, such as a full disk: the next turn goes on where this one was.
      this.#timer = undefined;
      if (running.length > 0) this.#wake();
    }
  }

  async #advance(task: MoveTask): Promise<void> {
    const { queues, nowMs } = this.#options;
    const source = queues.findByArn(task.sourceArn);
    const stretch = this.#stretches.get(task.handle);
    if (source?.uid !== task.sourceUid || stretch === undefined) {
      await this.#replace(
        task,
        nextMoveTask(task, 0, { failure: 'AWS.SimpleQueueService.NonExistentQueue' }),
      );
      return;
    }
    const { moved, end, durable } = source.redrive(
      decidePortion(task, stretch, nowMs()),
      task.destinationArn,
    );
    const next = nextMoveTask(task, moved, end);
    const isChanged = moved > 0 || next.status !== 'RUNNING';
    await Promise.all([durable, isChanged && this.#replace(task, next)]);
  }

  async #replace(before: MoveTask, after: MoveTask): Promise<void> {
    const list = this.#listOf(before.sourceUid);
    list[list.findIndex(({ handle }) => handle === before.handle)] = after;
    if (after.status !== 'RUNNING') this.#stretches.delete(after.handle);
    await this.#options.database.write([{ type: 'put', key: keyOf(after), value: JSON.stringify(after) }]);
  }

  #listOf(sourceUid: string): MoveTask[] {
    const list = this.#tasks.get(sourceUid) ?? [];
    this.#tasks.set(sourceUid, list);
    return list;
  }
}

function keyOf({ sourceUid, startedAtMs }: MoveTask): string {
  return `${MOVE_PREFIX}${sourceUid}/${startedAtMs}`;
}
