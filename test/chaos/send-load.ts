import { setTimeout as sleep } from 'node:timers/promises';
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { ReadyLine } from '../../local/ready-line.ts';
import { QUEUES } from '../../shared/contract/names.ts';
import type { Acknowledgement, Turned } from './evidence.ts';
import { type PlannedRequest, toBody } from './load.ts';

export interface Sending {
  readonly acknowledged: readonly Acknowledgement[];
  /** Nobody took them, however often they were sent. */
  readonly givenUp: readonly string[];
  readonly turnedAway: readonly Turned[];
  readonly done: Promise<void>;
}

/** A client's patience is longer than any pause of the system. */
const MOST_TRIES = 40;
/** Twice as long after each failure: clients that come again at once keep a busy system from its work. */
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 16_000;
/** Longer than the gateway's own, which answers with 503 then. */
const TIMEOUT_MS = 35_000;

type Send = (planned: PlannedRequest) => Promise<Acknowledgement | undefined>;

/** He has thought better of it; whether that comes in time is left open. */
const cancel = async (api: string, requestId: string): Promise<void> => {
  await fetch(`${api}/v1/requests/${requestId}/cancel`, {
    method: 'POST',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch(() => {});
};

const post =
  (api: string, turnedAway: Turned[]): Send =>
  async (planned) => {
    const headers = {
      'content-type': 'application/json',
      ...(planned.keyed === 'header' ? { 'idempotency-key': `key-${planned.customId}` } : {}),
    };
    const response = await fetch(`${api}/v1/requests`, {
      method: 'POST',
      headers,
      body: JSON.stringify(toBody(planned)),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const body = (await response.json()) as {
      readonly request_id?: string;
      readonly waiting?: number;
      readonly max_waiting?: number;
    };
    if (response.status === 429) {
      const { waiting = 0, max_waiting: mostWaiting = 0 } = body;
      turnedAway.push({ customId: planned.customId, waiting, mostWaiting });
    }
    if (response.status >= 500 || response.status === 429) return undefined;
    if (response.status !== 202 || body.request_id === undefined)
      throw new RangeError(
        `${planned.customId} was answered with ${response.status}: ${JSON.stringify(body)}`,
      );
    if (planned.fate === 'canceled') await cancel(api, body.request_id);
    return { customId: planned.customId, door: 'http', requestId: body.request_id };
  };

/** A plain SDK client. It tries again by itself, and may well send twice what it takes for lost. */
const enqueue =
  (sqs: SQSClient, queueUrl: string): Send =>
  async (planned) => {
    await sqs.send(
      new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify(toBody(planned)) }),
    );
    return { customId: planned.customId, door: 'queue' };
  };

/** Until it is acknowledged. Only a refusal, which a sound request must not meet, ends it sooner. */
const sendStubbornly = async (planned: PlannedRequest, send: Send): Promise<Acknowledgement | undefined> => {
  for (let tries = 1; tries <= MOST_TRIES; tries++) {
    try {
      const acknowledgement = await send(planned);
      if (acknowledgement !== undefined) return acknowledgement;
    } catch (error) {
      if (error instanceof RangeError) throw error;
    }
    await sleep(Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (tries - 1)));
  }
  return undefined;
};

/** Sends each request at its time, whatever became of the others. */
export const sendLoad = (
  load: readonly PlannedRequest[],
  ready: ReadyLine,
  sqs: SQSClient,
  startedAtMs: number,
): Sending => {
  const acknowledged: Acknowledgement[] = [];
  const givenUp: string[] = [];
  const turnedAway: Turned[] = [];
  const sends = { http: post(ready.api, turnedAway), queue: enqueue(sqs, ready.queues[QUEUES.input] ?? '') };
  const sendOne = async (planned: PlannedRequest): Promise<void> => {
    for (let times = planned.sentTwice ? 2 : 1; times > 0; times--) {
      const acknowledgement = await sendStubbornly(planned, sends[planned.door]);
      if (acknowledgement === undefined) givenUp.push(planned.customId);
      else acknowledged.push(acknowledgement);
    }
  };
  const sendAll = async (): Promise<void> => {
    const underWay: Promise<void>[] = [];
    for (const planned of load) {
      const dueInMs = startedAtMs + planned.atMs - Date.now();
      if (dueInMs > 0) await sleep(dueInMs);
      underWay.push(sendOne(planned));
    }
    await Promise.all(underWay);
  };
  return { acknowledged, givenUp, turnedAway, done: sendAll() };
};
