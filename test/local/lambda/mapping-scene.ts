import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import {
  type EventSourceMapping,
  startEventSourceMapping,
} from '../../../local/lambda/event-source-mapping.ts';
import type { EventSourceMappingOptions } from '../../../local/lambda/event-source-mapping-options.ts';
import { FakeSqs, message } from './fake-sqs.ts';
import { settled, VirtualTimers } from './virtual-timers.ts';

export interface Call {
  readonly event: SQSEvent;
  readonly context: Context;
  readonly ids: string[];
  readonly finish: (response?: SQSBatchResponse) => void;
  readonly fail: (error: Error) => void;
}

export interface Scene {
  readonly sqs: FakeSqs;
  readonly timers: VirtualTimers;
  readonly calls: Call[];
  readonly errors: unknown[];
  readonly mapping: EventSourceMapping;
}

const scenes: Scene[] = [];

/** A mapping on a queue that answers as the test says, in virtual time. */
export function start(overrides: Partial<EventSourceMappingOptions> = {}): Scene {
  const sqs = new FakeSqs();
  const timers = new VirtualTimers();
  const calls: Call[] = [];
  const errors: unknown[] = [];
  const handler = (event: SQSEvent, context: Context) =>
    new Promise<SQSBatchResponse | undefined>((resolve, reject) => {
      const ids = event.Records.map((record) => record.messageId);
      calls.push({ event, context, ids, finish: (response) => resolve(response), fail: reject });
    });
  const options: EventSourceMappingOptions = {
    sqs: sqs.client,
    queueUrl: 'http://127.0.0.1:4566/000000000000/wake',
    queueArn: 'arn:aws:sqs:eu-west-1:000000000000:wake',
    region: 'eu-west-1',
    functionName: 'prioritization',
    functionTimeoutSeconds: 60,
    batchSize: 10,
    maximumConcurrency: 2,
    reportBatchItemFailures: true,
    handler,
    onError: (error) => errors.push(error),
    ...overrides,
  };
  const scene = { sqs, timers, calls, errors, mapping: startEventSourceMapping(options, timers) };
  scenes.push(scene);
  return scene;
}

export async function deliver({ sqs }: Scene, ...ids: string[]): Promise<void> {
  sqs.takeReceive().answer(...ids.map((id) => message(id)));
  await settled();
}

export async function failReceive({ sqs }: Scene): Promise<void> {
  sqs.takeReceive().fail(new Error('connect ECONNREFUSED'));
  await settled();
}

export async function finish(scene: Scene, index: number, response?: unknown): Promise<void> {
  scene.calls[index]?.finish(response as SQSBatchResponse);
  await settled();
}

export function report(...ids: unknown[]): unknown {
  return { batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })) };
}

/** After each test. */
export async function stopScenes(): Promise<void> {
  for (const { mapping, calls } of scenes.splice(0)) {
    const stopped = mapping.stop();
    await settled();
    for (const call of calls) call.finish();
    await stopped;
  }
}
