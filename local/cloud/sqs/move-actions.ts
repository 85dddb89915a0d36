import type { LiveQueue } from './live-queue.ts';
import type { MoveTask } from './move-task.ts';
import type { QueueRegistry } from './queue-registry.ts';
import type { SqsAction } from './sqs-action.ts';
import { invalidParameter, SqsError } from './sqs-error.ts';
import { readInteger, readString, requireString } from './sqs-input.ts';

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html */
const PER_SECOND = { min: 1, max: 500 };
const LISTED = { min: 1, max: 10 };

export const startMessageMoveTask: SqsAction = async ({ input, queues, moves }) => {
  const source = requireByArn(queues, requireString(input.SourceArn, 'SourceArn'), 'SourceArn');
  const destinationArn = readString(input.DestinationArn, 'DestinationArn');
  const maxPerSecond = readInteger(
    input.MaxNumberOfMessagesPerSecond,
    'MaxNumberOfMessagesPerSecond',
    PER_SECOND,
  );
  if (queues.deadLetterSources(source.arn).length === 0) {
    throw invalidParameter(
      'SourceArn',
      source.arn,
      'Source queue must be configured as a Dead Letter Queue.',
    );
  }
  if (destinationArn !== undefined) requireByArn(queues, destinationArn, 'DestinationArn');
  if (destinationArn === source.arn) {
    throw invalidParameter('DestinationArn', destinationArn, 'It must be another queue than the source.');
  }
  if (moves.running(source.uid) !== undefined) {
    const reason = 'Only one active task is allowed for a source queue arn at a given time.';
    throw invalidParameter('SourceArn', source.arn, `There is already a task running. ${reason}`);
  }
  const task = await moves.start({
    sourceUid: source.uid,
    sourceArn: source.arn,
    toMove: source.counts().visible,
    ...(destinationArn !== undefined && { destinationArn }),
    ...(maxPerSecond !== undefined && { maxPerSecond }),
  });
  return { output: { TaskHandle: task.handle } };
};

export const listMessageMoveTasks: SqsAction = ({ input, queues, moves }) => {
  const source = requireByArn(queues, requireString(input.SourceArn, 'SourceArn'), 'SourceArn');
  const maxResults = readInteger(input.MaxResults, 'MaxResults', LISTED) ?? 1;
  return { output: { Results: moves.of(source.uid).slice(0, maxResults).map(describeTask) } };
};

export const cancelMessageMoveTask: SqsAction = async ({ input, moves }) => {
  const task = await moves.cancel(requireString(input.TaskHandle, 'TaskHandle'));
  if (task === undefined) {
    throw new SqsError('ResourceNotFoundException', 'Task does not exist, or is not running any more.');
  }
  return { output: { ApproximateNumberOfMessagesMoved: task.moved } };
};

function describeTask(task: MoveTask): object {
  return {
    // Only a running task can be named, to cancel it.
    ...(task.status === 'RUNNING' && { TaskHandle: task.handle }),
    Status: task.status,
    SourceArn: task.sourceArn,
    DestinationArn: task.destinationArn,
    MaxNumberOfMessagesPerSecond: task.maxPerSecond,
    ApproximateNumberOfMessagesMoved: task.moved,
    ApproximateNumberOfMessagesToMove: task.toMove,
    FailureReason: task.failureReason,
    StartedTimestamp: task.startedAtMs,
  };
}

function requireByArn(queues: QueueRegistry, arn: string, name: string): LiveQueue {
  const queue = queues.findByArn(arn);
  if (queue !== undefined) return queue;
  throw new SqsError(
    'ResourceNotFoundException',
    `The resource that you specified for the ${name} parameter doesn't exist.`,
  );
}
