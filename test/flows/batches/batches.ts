import type { BatchItem } from '../../../shared/contract/batch-item.ts';
import { batchInputKey, uploadKey } from '../../../shared/contract/keys.ts';
import type { BatchWork } from '../../../shared/contract/messages.ts';
import { parseBatch } from '../../../shared/core/parse-batch.ts';
import { deriveRequestId } from '../../../shared/core/request-id.ts';
import { type BatchAcceptance, createCreateBatch } from '../../../shared/flows/batches/create-batch.ts';
import { createDoWork, type WorkOutcome } from '../../../shared/flows/batches/do-work.ts';
import { createStartBatch } from '../../../shared/flows/batches/start-batch.ts';
import type { Around } from '../../fakes/interpose.ts';
import type { SimulatedProcess } from '../../fakes/simulated-process.ts';
import { acceptDepsOf, type World } from '../../fakes/world.ts';

export type Body = Readonly<Record<string, unknown>>;

export const createBatch = (
  world: World,
  body: unknown,
  fields: { readonly idempotencyKey?: string; readonly tenant?: string } = {},
  around?: Around,
): Promise<BatchAcceptance> =>
  world.clock.run(
    createCreateBatch(acceptDepsOf(world, around))({ sent: parseBatch(body), tenant: 'default', ...fields }),
  );

export const acceptedBatch = async (world: World, body: unknown): Promise<BatchItem> => {
  const acceptance = await createBatch(world, body);
  if (acceptance.kind !== 'accepted') throw new Error(JSON.stringify(acceptance.problem));
  return acceptance.batch;
};

/** A batch of lines, uploaded and started. */
export const startedUpload = async (world: World, text: string, options: Body = {}): Promise<BatchItem> => {
  const { batchId } = await acceptedBatch(world, { ...options, upload: true });
  await world.objects.put(uploadKey(batchId), Buffer.from(text), 'application/x-ndjson');
  const outcome = await createStartBatch(acceptDepsOf(world))({ batchId, tenant: 'default' });
  if (outcome.kind !== 'started') throw new Error(`It was ${outcome.kind}.`);
  return outcome.batch;
};

export const linesOf = (count: number, fields: Body = {}): string =>
  Array.from({ length: count }, (_, index) => `${JSON.stringify({ prompt: `p${index}`, ...fields })}\n`).join(
    '',
  );

export const inputOf = (batch: BatchItem): string => batchInputKey(batch.batchId, batch.fingerprint);

export const memberId = (batchId: string, index: number): string =>
  deriveRequestId({ kind: 'member', batchId, index });

export interface SplitOptions {
  readonly around?: Around;
  readonly lifeMs?: number;
  readonly process?: SimulatedProcess;
  readonly chunkMembers?: number;
  readonly receives?: number;
}

/** Receives one message of the splitter's queue, and works as its mapping lets it. */
export const split = async (
  world: World,
  { around, lifeMs = 900_000, process, chunkMembers = 5, receives = 1 }: SplitOptions = {},
): Promise<WorkOutcome | 'no message'> => {
  const [message] = await world.queues.receive('batches', { max: 1, waitSeconds: 0 });
  if (message === undefined) return 'no message';
  const startedAtMs = world.clock.monotonicMs();
  const deps = acceptDepsOf(world, around ?? process?.around);
  const receipt = { queue: 'batches', receipt: message.receipt };
  const work = JSON.parse(message.body) as BatchWork;
  const outcome = await createDoWork({ ...deps, chunkMembers, clock: process?.clock ?? world.clock })({
    batchId: work.batch_id,
    waitSeconds: work.wait_seconds,
    receives,
    receipt,
    remainingMs: () => startedAtMs + lifeMs - world.clock.monotonicMs(),
  });
  if (outcome === 'done') await world.queues.remove([receipt]);
  return outcome;
};

/** Splits until no message is left, however often one comes again. */
export const splitAll = async (world: World): Promise<void> => {
  while (world.queues.bodies('batches').length > 0) {
    const outcome = await world.clock.run(split(world));
    if (outcome === 'no message') await world.clock.advance(60_000);
  }
};

/** Names of the requests of a batch that wait in lanes, duplicates too. */
export const heldIds = (world: World): readonly string[] =>
  ['express', 'bulk-0', 'bulk-1'].flatMap((band) =>
    ['high', 'normal', 'low'].flatMap((priority) =>
      world.queues
        .bodies(`hold-haiku-${priority}-${band}`)
        .map((body) => (JSON.parse(body) as { readonly request_id: string }).request_id),
    ),
  );
