import fc from 'fast-check';
import { isOver } from '../../../shared/contract/batch-statuses.ts';
import { uploadKey } from '../../../shared/contract/keys.ts';
import { createStartBatch } from '../../../shared/flows/batches/start-batch.ts';
import { acceptDepsOf, createWorld, type World } from '../../fakes/world.ts';
import { acceptedBatch, splitAll } from '../../flows/batches/batches.ts';
import { halfFault, pollutionFault } from './accounts.ts';
import type { Door } from './door.ts';
import { changedValue, hostileText, textOf } from './hostile-values.ts';
import { SOUND_ENVELOPES } from './sound-values.ts';

const line: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(...SOUND_ENVELOPES.slice(0, 3).map((sound) => JSON.stringify(sound))),
  },
  { weight: 2, arbitrary: textOf(changedValue(SOUND_ENVELOPES)) },
  { weight: 1, arbitrary: hostileText },
);

const bytes: fc.Arbitrary<Uint8Array> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(fc.array(line, { maxLength: 8 }), fc.constantFrom('\n', '\r\n', '\n\n'))
      .map(([lines, separator]) => Uint8Array.from(Buffer.from(lines.join(separator)))),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
);

/** All of an upload is accepted or nothing of it, and it says which. */
const endFault = (world: World, batchId: string): string | undefined => {
  const batch = world.batches.all().find((one) => one.batchId === batchId);
  const accepted = world.requests.all().length;
  if (batch === undefined) return 'the batch is gone';
  if (batch.status === 'failed')
    return accepted === 0 ? undefined : `it failed, and ${accepted} were accepted`;
  if (batch.status !== 'in_progress' && !isOver(batch.status)) return `it stays ${batch.status}`;
  return batch.total === accepted ? undefined : `of ${batch.total} requests ${accepted} were accepted`;
};

const check = async (sent: Uint8Array): Promise<string | undefined> => {
  const world = createWorld();
  const { batchId } = await acceptedBatch(world, { upload: true });
  await world.objects.put(uploadKey(batchId), sent, 'application/x-ndjson');
  const outcome = await createStartBatch(acceptDepsOf(world))({ batchId, tenant: 'default' });
  if (outcome.kind !== 'started')
    return world.requests.all().length === 0 ? undefined : 'it was not started, and some are accepted';
  await splitAll(world);
  return endFault(world, batchId) ?? halfFault(world) ?? pollutionFault();
};

export const uploadDoor: Door<Uint8Array> = { arbitrary: bytes, check };
