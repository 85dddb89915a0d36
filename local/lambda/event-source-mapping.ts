import type { Message } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import { type DeliveredMessage, decideBatchOutcome } from './batch-outcome.ts';
import { deleteMessages } from './delete-messages.ts';
import {
  defaultBatchingWindowSeconds,
  defaultFunctionMemoryMb,
  type EventSourceMappingOptions,
  validateEventSourceMappingOptions,
} from './event-source-mapping-options.ts';
import { gatherBatch, shortestLongPollMs } from './gather-batch.ts';
import { type FunctionSpec, invokeFunction } from './invoke.ts';
import { splitByPayload } from './payload-limit.ts';
import { toSqsRecord } from './sqs-records.ts';
import { systemTimers, type Timers } from './timers.ts';

export interface EventSourceMapping {
  /**
   * Stops polling and resolves when running invocations and their deletes are done. Outstanding long polls are
   * aborted, or stopping would take 20 s; against real SQS such an abort can hide a message that was just being
   * answered until its visibility timeout (and spend one of its receives), never lose it.
   */
  stop(): Promise<void>;
  /** Batches being handled by the function now. */
  readonly inFlight: number;
}

/** Lambda polls a standard queue with five pollers: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html */
const mostPollers = 5;
const firstBackoffMs = 100;
const longestBackoffMs = 5_000;

export function startEventSourceMapping(
  options: EventSourceMappingOptions,
  timers: Timers = systemTimers,
): EventSourceMapping {
  validateEventSourceMappingOptions(options);
  const mapping = new SqsEventSourceMapping(options, timers);
  mapping.pollAsAllowed();
  return mapping;
}

/**
 * Invariant: polls + invocations never exceed `maximumConcurrency`. A poll holds the place that its batch will
 * run in, so nothing is received that cannot be invoked at once.
 */
class SqsEventSourceMapping implements EventSourceMapping {
  readonly #options: EventSourceMappingOptions;
  readonly #timers: Timers;
  readonly #polls = new Set<AbortController>();
  readonly #tasks = new Set<Promise<void>>();
  #wantedPollers = 1;
  #invocations = 0;
  #receiveErrorsInARow = 0;
  #functionErrorsInARow = 0;
  #pause: { readonly endsMs: number; readonly cancel: () => void } | undefined;
  #stopped = false;

  constructor(options: EventSourceMappingOptions, timers: Timers) {
    this.#options = options;
    this.#timers = timers;
  }

  get inFlight(): number {
    return this.#invocations;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#pause?.cancel();
    for (const poll of this.#polls) poll.abort();
    while (this.#tasks.size > 0) await Promise.all(this.#tasks);
  }

  pollAsAllowed(): void {
    while (this.#mayPoll()) this.#track(this.#poll());
  }

  #mayPoll(): boolean {
    if (this.#stopped || this.#pause !== undefined) return false;
    if (this.#polls.size >= this.#wantedPollers) return false;
    return this.#polls.size + this.#invocations < this.#options.maximumConcurrency;
  }

  #track(task: Promise<void>): void {
    const tracked = task.finally(() => this.#tasks.delete(tracked));
    this.#tasks.add(tracked);
  }

  async #poll(): Promise<void> {
    const abort = new AbortController();
    this.#polls.add(abort);
    const startedMs = this.#timers.monotonicMs();
    const { sqs, queueUrl, batchSize } = this.#options;
    const batch = await gatherBatch({
      sqs,
      queueUrl,
      batchSize,
      batchingWindowSeconds: this.#options.batchingWindowSeconds ?? defaultBatchingWindowSeconds,
      timers: this.#timers,
      signal: abort.signal,
    });
    this.#polls.delete(abort);
    if (batch.messages.length > 0) this.#track(this.#handle(batch.messages));
    if (batch.error === undefined) {
      this.#receiveErrorsInARow = 0;
      this.#adjustPollers(batch.messages.length, this.#timers.monotonicMs() - startedMs);
    } else {
      this.#backOff(batch.error, this.#receiveErrorsInARow++);
    }
    this.pollAsAllowed();
  }

  #adjustPollers(messageCount: number, tookMs: number): void {
    this.#wantedPollers = messageCount === 0 ? 1 : Math.min(mostPollers, this.#wantedPollers + 1);
    if (messageCount === 0 && tookMs < shortestLongPollMs) this.#pausePolling(shortestLongPollMs);
  }

  async #handle(messages: readonly Message[]): Promise<void> {
    this.#invocations += 1;
    const { queueArn, region } = this.#options;
    const records = messages.map((message) => toSqsRecord(message, { queueArn, region }));
    const handled: DeliveredMessage[] = [];
    // One after the other: a batch above the payload limit must not take places beyond the concurrency cap.
    for (const part of splitByPayload(records)) handled.push(...(await this.#invoke(part)));
    this.#invocations -= 1;
    this.pollAsAllowed();
    await this.#delete(handled);
  }

  async #invoke(Records: SQSRecord[]): Promise<readonly DeliveredMessage[]> {
    const { functionName, reportBatchItemFailures, handler } = this.#options;
    const records = Records.map(({ messageId, receiptHandle }) => ({ messageId, receiptHandle }));
    const event = { Records };
    const spec = functionSpec(this.#options);
    const outcome = await invokeFunction({ handler, event, spec, timers: this.#timers });
    const batch = decideBatchOutcome({ functionName, records, reportBatchItemFailures }, outcome);
    if (batch.kind === 'failed') {
      this.#backOff(batch.error, this.#functionErrorsInARow++);
      return [];
    }
    this.#functionErrorsInARow = 0;
    return batch.toDelete;
  }

  async #delete(records: readonly DeliveredMessage[]): Promise<void> {
    if (records.length === 0) return;
    const { sqs, queueUrl } = this.#options;
    const error = await deleteMessages({ sqs, queueUrl, records });
    if (error !== undefined) this.#report(error);
  }

  /** A log that fails must not take the mapping with it. */
  #report(error: unknown): void {
    try {
      this.#options.onError?.(error);
    } catch {}
  }

  /**
   * Lambda gives a failing mapping less concurrency for a while; here polling pauses, longer with each error in a
   * row. A list of failed items is no error and slows nothing.
   */
  #backOff(error: unknown, earlierErrorsInARow: number): void {
    this.#report(error);
    this.#wantedPollers = 1;
    this.#pausePolling(Math.min(longestBackoffMs, firstBackoffMs * 2 ** earlierErrorsInARow));
  }

  #pausePolling(delayMs: number): void {
    const endsMs = this.#timers.monotonicMs() + delayMs;
    if (this.#stopped || (this.#pause !== undefined && this.#pause.endsMs >= endsMs)) return;
    this.#pause?.cancel();
    const cancel = this.#timers.after(delayMs, () => {
      this.#pause = undefined;
      this.pollAsAllowed();
    });
    this.#pause = { endsMs, cancel };
  }
}

function functionSpec(options: EventSourceMappingOptions): FunctionSpec {
  return {
    name: options.functionName,
    timeoutSeconds: options.functionTimeoutSeconds,
    memoryMb: options.functionMemoryMb ?? defaultFunctionMemoryMb,
    region: options.region,
    accountId: options.queueArn.split(':')[4] ?? '',
  };
}
