import { setTimeout as sleep } from 'node:timers/promises';
import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { collectResults, tensOf } from './clients.ts';
import { type Counted, createCallCounter, sumOf } from './count-calls.ts';
import { startCounted } from './counted-pipeline.ts';

const REQUESTS = 600;
const PER_SECOND = 100;
const TEN_EVERY_MS = 100;

describe('the steady cost of one request from a batch producer at 100 a second', () => {
  let counted: Counted;
  let answered: number;
  let seconds: number;

  beforeAll(async () => {
    const counter = createCallCounter();
    const { queues, producer, consumer, stop } = await startCounted(counter);
    const startedAtMs = performance.now();
    const collecting = collectResults(consumer, queues.results?.url ?? '', (all) => all.length >= REQUESTS);
    for (const ten of tensOf(Array.from({ length: REQUESTS }, (_, index) => index))) {
      const sent = producer.send(
        new SendMessageBatchCommand({
          QueueUrl: queues.input?.url,
          Entries: ten.map((index) => ({
            Id: String(index),
            MessageBody: JSON.stringify({
              custom_id: `steady-${index}`,
              prompt: 'x'.repeat(1_000),
              max_tokens: 50,
            }),
          })),
        }),
      );
      await Promise.all([sent, sleep(TEN_EVERY_MS)]);
    }
    answered = (await collecting).length;
    counted = counter.counted();
    seconds = (performance.now() - startedAtMs) / 1000;
    await stop();
  }, 180_000);

  test('all are answered once', () => {
    expect(answered).toBe(REQUESTS);
  });

  test('is at most 1.0 calls of SQS, the producer’s own included', () => {
    expect(sumOf(counted, /^SQS\.SendMessageBatch$/)).toBeGreaterThanOrEqual(REQUESTS / 10);
    // Polling costs by the second, and a busy machine may need more of them than six for these requests.
    const emptyAtPace = Math.min(1, REQUESTS / PER_SECOND / seconds) * counted.emptyReceives;
    const calls = sumOf(counted, /^SQS\./) - counted.emptyReceives + emptyAtPace;
    expect(calls / REQUESTS).toBeLessThanOrEqual(1);
  });

  test('is at most 3.2 writes of 1 KB', () => {
    expect(counted.writeUnits / REQUESTS).toBeGreaterThanOrEqual(3);
    expect(counted.writeUnits / REQUESTS).toBeLessThanOrEqual(3.2);
  });

  test('is at most 0.05 puts into the bucket', () => {
    expect(sumOf(counted, /^S3\.PutObject$/)).toBeGreaterThan(0);
    expect(sumOf(counted, /^S3\.PutObject$/) / REQUESTS).toBeLessThanOrEqual(0.05);
  });
});
