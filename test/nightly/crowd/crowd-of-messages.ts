import { setTimeout as sleep } from 'node:timers/promises';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { ReadyLine } from '../../../local/ready-line.ts';
import { QUEUES } from '../../../shared/contract/names.ts';
import { readDepths } from '../../chaos/gather-evidence.ts';
import { createSqs, forEachConcurrently, sendTen, tensOf } from '../../end-to-end/clients.ts';
import type { UnitReport } from '../part.ts';
import { readSamples } from '../probed/read-samples.ts';
import { countItems } from '../soak/read-sizes.ts';
import type { Crowd } from './crowd.ts';

const SENDERS = 16;
const LOOK_MS = 1_000;
const TENANTS = 50;
/** Of a process that holds some hundreds of messages at a time, however many wait. */
const MOST_INGESTION_HEAP_MB = 80;

const messageOf = (index: number) => ({
  custom_id: `crowd-${index}`,
  prompt: `What is ${index}?`,
  max_tokens: 50,
  tenant: `tenant-${index % TENANTS}`,
});

const sendAll = async (sqs: SQSClient, ready: ReadyLine, count: number): Promise<number> => {
  let taken = 0;
  const indexes = Array.from({ length: count }, (_, index) => index);
  await forEachConcurrently(tensOf(indexes), SENDERS, async (ten) => {
    const successful = await sendTen(sqs, ready.queues[QUEUES.input] ?? '', ten.map(messageOf));
    taken += successful.length;
  });
  return taken;
};

/** All that was sent is accepted, once each, whether or not anybody has time for it. */
export const crowdOfMessages = async ({
  system,
  samplesDir,
  count,
  show,
}: Crowd): Promise<Omit<UnitReport, 'unit'>> => {
  const { ready } = system;
  const sqs = createSqs(ready);
  const sending = sendAll(sqs, ready, count);
  let most = 0;
  let depth = 0;
  let taken: number | undefined;
  void sending.then(
    (all) => {
      taken = all;
    },
    () => {},
  );
  do {
    await sleep(LOOK_MS);
    depth = (await readDepths(sqs, ready))[QUEUES.input] ?? 0;
    most = Math.max(most, depth);
    show(taken === undefined ? 0 : 1 - depth / count, `${depth} wait in the input queue`);
  } while (taken === undefined || depth > 0);
  await sending;
  const { requestItems } = await countItems(ready);
  const depths = await readDepths(sqs, ready);
  sqs.destroy();
  const inLanes = Object.entries(depths).reduce(
    (sum, [queue, left]) => sum + (/^(hold|parked)-/.test(queue) ? left : 0),
    0,
  );
  const ended = depths[QUEUES.results] ?? 0;
  const setAside = depths[QUEUES.inputDeadLetter] ?? 0;
  const samples = (await readSamples(samplesDir, ready.processes ?? {})).ingestion ?? [];
  const heapMb = Math.max(...samples.map(({ heap_mb }) => heap_mb));
  return {
    figures: {
      sent: taken,
      most_waiting_in_input: most,
      accepted: requestItems,
      in_lanes: inLanes,
      ended,
      ingestion_most_heap_mb: heapMb,
    },
    faults: [
      ...(taken === count ? [] : [`${taken} of ${count} messages were taken.`]),
      ...(requestItems === count ? [] : [`${requestItems} of ${count} were accepted.`]),
      ...(inLanes + ended >= count ? [] : [`${inLanes} wait in lanes and ${ended} have ended, of ${count}.`]),
      ...(setAside === 0 ? [] : [`${setAside} were set aside.`]),
      ...(heapMb <= MOST_INGESTION_HEAP_MB
        ? []
        : [`The heap of ingestion was ${heapMb} MB, at most ${MOST_INGESTION_HEAP_MB} are allowed.`]),
    ],
  };
};
