import { createSettlement, type Settlement } from './settlement.ts';

export type WriteOperation =
  | { readonly type: 'put'; readonly key: string; readonly value: string }
  | { readonly type: 'del'; readonly key: string };

interface Batch {
  readonly operations: WriteOperation[];
  readonly done: Settlement;
}

/**
 * Group commit: while one batch is being written, all further writes gather in the next. Each write lands
 * whole or not at all, and writes land in the order of the calls, so state in memory may run ahead of the disk
 * as long as every acknowledgement waits for its own write.
 */
export class WriteQueue {
  readonly #commit: (operations: WriteOperation[]) => Promise<void>;
  #next: Batch | undefined;
  #isWriting = false;

  constructor(commit: (operations: WriteOperation[]) => Promise<void>) {
    this.#commit = commit;
  }

  write(operations: readonly WriteOperation[]): Promise<void> {
    if (operations.length === 0) return Promise.resolve();
    this.#next ??= { operations: [], done: createSettlement() };
    const batch = this.#next;
    for (const operation of operations) batch.operations.push(operation);
    if (!this.#isWriting) void this.#writeAll();
    return batch.done.promise;
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    for (let batch = this.#take(); batch !== undefined; batch = this.#take()) {
      await this.#commit(batch.operations).then(batch.done.resolve, batch.done.reject);
    }
    this.#isWriting = false;
  }

  #take(): Batch | undefined {
    const batch = this.#next;
    this.#next = undefined;
    return batch;
  }
}
