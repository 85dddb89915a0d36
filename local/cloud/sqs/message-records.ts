/**
 * The key that SQS has in the database for a queue, `sqs/queue/<name>`: its uid, attributes and times. Messages
 * are in the log. No key or value holds a port or a URL, since both may differ in the next run.
 */
export const QUEUE_PREFIX = 'sqs/queue/';

export interface QueueRecord {
  readonly uid: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly tags?: Readonly<Record<string, string>>;
  readonly createdAtMs: number;
  readonly modifiedAtMs: number;
}

export function queueKey(name: string): string {
  return QUEUE_PREFIX + name;
}
