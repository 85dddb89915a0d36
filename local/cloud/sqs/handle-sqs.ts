import { randomUUID } from 'node:crypto';
import {
  changeMessageVisibility,
  changeMessageVisibilityBatch,
  deleteMessage,
  deleteMessageBatch,
} from './delivery-actions.ts';
import { cancelMessageMoveTask, listMessageMoveTasks, startMessageMoveTask } from './move-actions.ts';
import {
  createQueue,
  deleteQueue,
  getQueueAttributes,
  getQueueUrl,
  listDeadLetterSourceQueues,
  listQueues,
  purgeQueue,
  setQueueAttributes,
} from './queue-actions.ts';
import { receiveMessage } from './receive-actions.ts';
import { sendMessage, sendMessageBatch } from './send-actions.ts';
import type { SqsAction, SqsCall, SqsReply } from './sqs-action.ts';
import { SqsError } from './sqs-error.ts';
import { parseSqsInput } from './sqs-input.ts';
import { listQueueTags, tagQueue, untagQueue } from './tag-actions.ts';

const ACTIONS: Readonly<Record<string, SqsAction>> = {
  CancelMessageMoveTask: cancelMessageMoveTask,
  ChangeMessageVisibility: changeMessageVisibility,
  ChangeMessageVisibilityBatch: changeMessageVisibilityBatch,
  CreateQueue: createQueue,
  DeleteMessage: deleteMessage,
  DeleteMessageBatch: deleteMessageBatch,
  DeleteQueue: deleteQueue,
  GetQueueAttributes: getQueueAttributes,
  GetQueueUrl: getQueueUrl,
  ListDeadLetterSourceQueues: listDeadLetterSourceQueues,
  ListMessageMoveTasks: listMessageMoveTasks,
  ListQueueTags: listQueueTags,
  ListQueues: listQueues,
  PurgeQueue: purgeQueue,
  ReceiveMessage: receiveMessage,
  SendMessage: sendMessage,
  SendMessageBatch: sendMessageBatch,
  SetQueueAttributes: setQueueAttributes,
  StartMessageMoveTask: startMessageMoveTask,
  TagQueue: tagQueue,
  UntagQueue: untagQueue,
};

export interface SqsRequest extends Omit<SqsCall, 'input'> {
  readonly action: string;
  readonly body: Buffer;
}

export interface SqsResponse {
  readonly status: number;
  /** Names and values in turn: what Node writes with the least work. */
  readonly headers: readonly string[];
  readonly body: string;
  readonly undo?: SqsReply['undo'];
}

/** AWS JSON 1.0, in the variant that also names the error code of the older query protocol. */
export async function handleSqs(request: SqsRequest): Promise<SqsResponse> {
  try {
    const action = Object.hasOwn(ACTIONS, request.action) ? ACTIONS[request.action] : undefined;
    if (action === undefined) {
      throw new SqsError('UnsupportedOperation', `${request.action} is not supported by this local cloud.`);
    }
    const { output, undo } = await action({ ...request, input: parseSqsInput(request.body) });
    return { status: 200, headers: headers(), body: JSON.stringify(output), undo };
  } catch (error) {
    if (!(error instanceof SqsError)) throw error;
    return {
      status: 400,
      headers: [...headers(), 'x-amzn-query-error', `${error.queryCode};Sender`],
      body: JSON.stringify({ __type: `com.amazonaws.sqs#${error.code}`, message: error.message }),
    };
  }
}

function headers(): string[] {
  return ['content-type', 'application/x-amz-json-1.0', 'x-amzn-requestid', randomUUID()];
}
