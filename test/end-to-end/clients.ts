import {
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { ReadyLine } from '../../local/ready-line.ts';
import type { Result } from '../../shared/contract/request.ts';

export interface Submitted {
  readonly status: number;
  readonly body: { readonly request_id: string; readonly custom_id: string; readonly status: string };
}

const PATIENCE_MS = 35_000;

/** A producer or consumer of queues, with nothing of ours but the ready line. */
export const createSqs = (
  { endpoints, region }: Pick<ReadyLine, 'endpoints' | 'region'>,
  patienceMs = PATIENCE_MS,
): SQSClient =>
  new SQSClient({
    region,
    endpoint: endpoints.sqs,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    // A cloud that is made to fall silent never answers; whoever waits for that waits for good.
    requestHandler: { requestTimeout: patienceMs, throwOnRequestTimeout: true },
  });

export const submit = async (
  api: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Submitted> => {
  const response = await fetch(`${api}/v1/requests`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Submitted['body'] };
};

export const readRequest = async (api: string, id: string): Promise<Result> =>
  (await (await fetch(`${api}/v1/requests/${id}`)).json()) as Result;

/** Runs `task` for each entry, so many at a time. */
export const forEachConcurrently = async <T>(
  entries: readonly T[],
  concurrency: number,
  task: (entry: T) => Promise<void>,
): Promise<void> => {
  const waiting = entries.values();
  const worker = async (): Promise<void> => {
    for (const entry of waiting) await task(entry);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
};

export const tensOf = <T>(entries: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(entries.length / 10) }, (_, index) =>
    entries.slice(index * 10, index * 10 + 10),
  );

/** Sends ten at most; answers with the indexes that SQS took. */
export const sendTen = async (
  sqs: SQSClient,
  queueUrl: string,
  bodies: readonly unknown[],
): Promise<number[]> => {
  const { Successful = [] } = await sqs.send(
    new SendMessageBatchCommand({
      QueueUrl: queueUrl,
      Entries: bodies.map((body, index) => ({ Id: String(index), MessageBody: JSON.stringify(body) })),
    }),
  );
  return Successful.map(({ Id }) => Number(Id));
};

/** Takes whatever is on the results queue now, waiting up to a second for the first. */
export const takeResults = async (sqs: SQSClient, queueUrl: string): Promise<Result[]> => {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
  );
  if (Messages.length > 0)
    await sqs.send(
      new DeleteMessageBatchCommand({
        QueueUrl: queueUrl,
        Entries: Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle })),
      }),
    );
  return Messages.map(({ Body = '' }) => JSON.parse(Body) as Result);
};

/** Reads the results queue until `enough`, or until it has been silent for so many receives of a second. */
export const collectResults = async (
  sqs: SQSClient,
  queueUrl: string,
  enough: (results: readonly Result[]) => boolean,
  mostSilentReceives = 60,
): Promise<Result[]> => {
  const results: Result[] = [];
  for (let silent = 0; silent < mostSilentReceives && !enough(results); ) {
    const taken = await takeResults(sqs, queueUrl);
    results.push(...taken);
    silent = taken.length === 0 ? silent + 1 : 0;
  }
  return results;
};
