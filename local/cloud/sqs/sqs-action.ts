import type { LiveQueue } from './live-queue.ts';
import type { PollCaller } from './long-polls.ts';
import type { MoveTasks } from './move-tasks.ts';
import type { QueueRegistry } from './queue-registry.ts';
import { SqsError } from './sqs-error.ts';
import { requireString, type SqsInput } from './sqs-input.ts';

export interface SqsCall {
  readonly input: SqsInput;
  readonly queues: QueueRegistry;
  readonly moves: MoveTasks;
  /** What a queue's URL has before its name. */
  readonly queueUrlPrefix: string;
  readonly caller: PollCaller;
}

export interface SqsReply {
  readonly output: object;
  /** To be called when the response did not reach the caller. */
  readonly undo?: (() => Promise<void>) | undefined;
}

export type SqsAction = (call: SqsCall) => Promise<SqsReply> | SqsReply;

/** Any host and account will do: the name is the last segment of a queue's URL. */
export function requireQueue({ input, queues }: SqsCall): LiveQueue {
  const url = requireString(input.QueueUrl, 'QueueUrl');
  return requireQueueNamed(queues, url.slice(url.lastIndexOf('/') + 1));
}

export function requireQueueNamed(queues: QueueRegistry, name: string): LiveQueue {
  const queue = queues.find(name);
  if (queue === undefined) throw new SqsError('QueueDoesNotExist', 'The specified queue does not exist.');
  return queue;
}
