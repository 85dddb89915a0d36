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

export interface SqsResponse {
  readonly status: number;
  /** Names and values in turn: what Node writes with the least work. */
  readonly headers: string[];
  readonly body: string;
  readonly undo?: SqsReply['undo'];
}

/** AWS JSON 1.0, in the variant that also names the error code of the older query protocol. */
export async function handleSqs(
  actionName: string,
  body: Buffer,
  context: Omit<SqsCall, 'input'>,
): Promise<SqsResponse> {
  try {
    const action = Object.hasOwn(ACTIONS, actionName) ? ACTIONS[actionName] : undefined;
    if (action === undefined) {
      throw new SqsError('UnsupportedOperation', `${actionName} is not supported by this local cloud.`);
    }
    const { queues, moves, queueUrlPrefix, caller } = context;
    const { output, undo } = await action({
      input: parseSqsInput(body),
      queues,
      moves,
      queueUrlPrefix,
      caller,
    });
    const text = JSON.stringify(output);
    return { status: 200, headers: headersOf(text), body: text, undo };
  } catch (error) {
    if (!(error instanceof SqsError)) throw error;
    const text = JSON.stringify({ __type: `com.amazonaws.sqs#${error.code}`, message: error.message });
    const headers = [...headersOf(text), 'x-amzn-query-error', `${error.queryCode};Sender`];
    return { status: 400, headers, body: text };
  }
}

/** Requests are told apart by their number: the cheapest id that looks like one of AWS. */
const RUN_ID = randomUUID().slice(0, -12);
let requests = 0;

function headersOf(body: string): string[] {
  return [
    'content-type',
    'application/x-amz-json-1.0',
    'x-amzn-requestid',
    RUN_ID + String(++requests).padStart(12, '0'),
    'content-length',
    String(Buffer.byteLength(body)),
  ];
}
