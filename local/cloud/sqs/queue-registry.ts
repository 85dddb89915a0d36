import { randomUUID } from 'node:crypto';
import { type CloudDatabase, successorOf } from '../cloud-database.ts';
import type { FairnessMode } from './fair-order.ts';
import { LiveQueue } from './live-queue.ts';
import { type JournalLimits, MessageJournal } from './message-journal.ts';
import { QUEUE_PREFIX, type QueueRecord, queueKey } from './message-records.ts';
import type { QueueAttributes } from './queue-settings.ts';

/** It is in every receipt handle and many a line of the log, so it is short: 12 digits at random. */
const UID_LENGTH = 13;

export type QueueTags = Readonly<Record<string, string>>;

export interface QueueRegistryOptions {
  readonly database: CloudDatabase;
  readonly messageDirectory: string;
  readonly region: string;
  readonly accountId: string;
  readonly nowMs: () => number;
  readonly fairness: FairnessMode;
  readonly journalLimits?: JournalLimits;
}

/** All queues by name, as they are on disk and at work. */
export class QueueRegistry {
  readonly #options: QueueRegistryOptions;
  readonly #journal: MessageJournal;
  readonly #queues = new Map<string, LiveQueue>();
  #fairness: FairnessMode;

  private constructor(options: QueueRegistryOptions, journal: MessageJournal) {
    this.#options = options;
    this.#journal = journal;
    this.#fairness = options.fairness;
  }

  static async open(options: QueueRegistryOptions): Promise<QueueRegistry> {
    const journal = new MessageJournal(options.messageDirectory, options.journalLimits);
    const registry = new QueueRegistry(options, journal);
    for await (const [key, value] of options.database.entries(QUEUE_PREFIX, successorOf(QUEUE_PREFIX))) {
      registry.#start(key.slice(QUEUE_PREFIX.length), JSON.parse(value));
    }
    const byUid = new Map([...registry.#queues.values()].map((queue) => [queue.uid, queue]));
    const orphans = [];
    for (const message of registry.#journal.messages()) {
      const queue = byUid.get(message.queueUid);
      if (queue === undefined) orphans.push(message);
      else queue.restore(message);
    }
    await registry.#journal.removed(orphans);
    return registry;
  }

  /** Of all queues, from now on. */
  set fairness(mode: FairnessMode) {
    this.#fairness = mode;
    for (const queue of this.#queues.values()) queue.fairness = mode;
  }

  find(name: string): LiveQueue | undefined {
    return this.#queues.get(name);
  }

  findByArn(arn: string): LiveQueue | undefined {
    const name = arn.split(':').at(-1) ?? '';
    return arn === this.arnOf(name) ? this.#queues.get(name) : undefined;
  }

  arnOf(name: string): string {
    return `arn:aws:sqs:${this.#options.region}:${this.#options.accountId}:${name}`;
  }

  names(prefix: string): string[] {
    return [...this.#queues.keys()].filter((name) => name.startsWith(prefix)).sort();
  }

  /** The names of the queues that send their dead letters to `arn`. */
  deadLetterSources(arn: string): string[] {
    return this.names('').filter(
      (name) => this.find(name)?.settings.redrivePolicy?.deadLetterTargetArn === arn,
    );
  }

  async create(name: string, attributes: QueueAttributes, tags: QueueTags): Promise<void> {
    const nowMs = this.#options.nowMs();
    const times = { createdAtMs: nowMs, modifiedAtMs: nowMs };
    const record: QueueRecord = { uid: randomUUID().slice(0, UID_LENGTH), attributes, tags, ...times };
    const saved = this.#save(name, record);
    this.#start(name, record, saved);
    await saved;
  }

  async setAttributes(queue: LiveQueue, changes: QueueAttributes): Promise<void> {
    const attributes = { ...queue.record.attributes, ...changes };
    queue.record = { ...queue.record, attributes, modifiedAtMs: this.#options.nowMs() };
    await this.#save(queue.name, queue.record);
  }

  async setTags(queue: LiveQueue, tags: QueueTags): Promise<void> {
    queue.record = { ...queue.record, tags };
    await this.#save(queue.name, queue.record);
  }

  async delete(queue: LiveQueue): Promise<void> {
    this.#queues.delete(queue.name);
    queue.close();
    const purged = queue.purge();
    await Promise.all([purged, this.#options.database.write([{ type: 'del', key: queueKey(queue.name) }])]);
  }

  close(): void {
    this.#journal.close();
  }

  #start(name: string, record: QueueRecord, saved: Promise<void> = Promise.resolve()): void {
    const queue = new LiveQueue({
      name,
      arn: this.arnOf(name),
      record,
      saved,
      journal: this.#journal,
      nowMs: this.#options.nowMs,
      fairness: this.#fairness,
      findByArn: (arn) => this.findByArn(arn),
    });
    this.#queues.set(name, queue);
  }

  #save(name: string, record: QueueRecord): Promise<void> {
    return this.#options.database.write([
      { type: 'put', key: queueKey(name), value: JSON.stringify(record) },
    ]);
  }
}
