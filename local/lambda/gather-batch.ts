import { type Message, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { maxPayloadBytes } from './payload-limit.ts';
import type { Timers } from './timers.ts';

export interface GatherOptions {
  readonly sqs: SQSClient;
  readonly queueUrl: string;
  readonly batchSize: number;
  readonly batchingWindowSeconds: number;
  readonly timers: Timers;
  readonly signal: AbortSignal;
}

export interface GatheredBatch {
  readonly messages: readonly Message[];
  /** Messages received before the error are still handed out: they are already invisible in the queue. */
  readonly error?: unknown;
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html */
const mostMessagesPerReceive = 10;
const longPollSeconds = 20;
/** An empty answer that comes sooner than this was no long poll; asking again at once would spin. */
export const shortestLongPollMs = 200;

/**
 * Waits for a first message, then gathers until the batch is full, the payload limit is reached, or the window,
 * which opens with the first message, is over. SQS waits in whole seconds, so a window ends up to half a second
 * early or late; cutting a receive short instead could hide messages for a visibility timeout.
 */
export async function gatherBatch(options: GatherOptions): Promise<GatheredBatch> {
  const { batchSize, batchingWindowSeconds, timers, signal } = options;
  const messages: Message[] = [];
  let windowEndMs: number | undefined;
  let waitSeconds = longPollSeconds;
  try {
    do {
      const startedMs = timers.monotonicMs();
      const received = await receive(options, batchSize - messages.length, waitSeconds);
      messages.push(...received);
      if (messages.length === 0) break;
      const wasShort = timers.monotonicMs() - startedMs < shortestLongPollMs;
      if (received.length === 0 && wasShort) await pause(timers, shortestLongPollMs, signal);
      windowEndMs ??= timers.monotonicMs() + batchingWindowSeconds * 1000;
      waitSeconds = Math.min(longPollSeconds, Math.round((windowEndMs - timers.monotonicMs()) / 1000));
    } while (waitSeconds > 0 && !isFull(messages, batchSize) && !signal.aborted);
    return { messages };
  } catch (error) {
    return signal.aborted ? { messages } : { messages, error };
  }
}

async function receive(options: GatherOptions, wanted: number, waitSeconds: number): Promise<Message[]> {
  const response = await options.sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: options.queueUrl,
      MaxNumberOfMessages: Math.min(mostMessagesPerReceive, wanted),
      WaitTimeSeconds: waitSeconds,
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    }),
    { abortSignal: options.signal },
  );
  return response.Messages ?? [];
}

function pause(timers: Timers, ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = (): void => {
      cancel();
      signal.removeEventListener('abort', end);
      resolve();
    };
    const cancel = timers.after(ms, end);
    signal.addEventListener('abort', end);
  });
}

function isFull(messages: readonly Message[], batchSize: number): boolean {
  if (messages.length >= batchSize) return true;
  const bytes = messages.reduce((total, message) => total + Buffer.byteLength(message.Body ?? ''), 0);
  return bytes >= maxPayloadBytes;
}
