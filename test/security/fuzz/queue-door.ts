import type { SQSRecord } from 'aws-lambda';
import fc from 'fast-check';
import { createSubmitBatch } from '../../../functions/ingestion/submit-batch.ts';
import type { Around } from '../../fakes/interpose.ts';
import { acceptDepsOf, createWorld } from '../../fakes/world.ts';
import { recordOf } from '../../functions/sqs-events.ts';
import { accountsOf, halfFault, pollutionFault } from './accounts.ts';
import type { Door } from './door.ts';
import { changedValue, hostileText, hostileValue, textOf } from './hostile-values.ts';
import { SOUND_BATCHES, SOUND_ENVELOPES } from './sound-values.ts';

interface QueueCase {
  readonly bodies: readonly string[];
  readonly attributes: Readonly<Record<string, string>>;
}

const body: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: textOf(changedValue(SOUND_ENVELOPES)) },
  { weight: 1, arbitrary: textOf(changedValue(SOUND_BATCHES)) },
  { weight: 1, arbitrary: textOf(hostileValue) },
  { weight: 1, arbitrary: hostileText },
);

const GOOD = '{"prompt": "a good one", "custom_id": "good", "tenant": "good"}';

const recordsOf = ({ bodies, attributes }: QueueCase): SQSRecord[] =>
  [...bodies, GOOD].map((text, index) => recordOf(`m-${index}`, text, attributes));

const checkWith = async (sent: QueueCase, around?: Around): Promise<string | undefined> => {
  const world = createWorld();
  const records = recordsOf(sent);
  const { batchItemFailures } = await world.clock.run(
    createSubmitBatch(acceptDepsOf(world, around))({ Records: records }),
  );
  if (batchItemFailures.length > 0) return `${batchItemFailures.length} messages came again`;
  const { requests, refusals, setAside } = accountsOf(world);
  const ended = requests + refusals + setAside;
  const withKeys = sent.bodies.filter((text) => text.includes('idempotency_key')).length;
  if (ended > records.length || ended < records.length - withKeys)
    return `of ${records.length} messages ${requests} were accepted, ${refusals} refused and ${setAside} set aside`;
  if (!world.requests.all().some(({ customId }) => customId === 'good'))
    return 'the good one beside was not accepted';
  return halfFault(world) ?? pollutionFault();
};

/**
 * Each message is accepted, refused or set aside, once; what the same key names already is not accepted twice. `around`
 * what the door asks of the stores: a test breaks something there.
 */
export const createQueueDoor = (around?: Around): Door<QueueCase> => ({
  arbitrary: fc.record({
    bodies: fc.array(body, { minLength: 1, maxLength: 4 }),
    attributes: fc.dictionary(
      fc.constantFrom('AWSTraceHeader', 'traceparent', 'correlation_id', 'tenant'),
      hostileText,
      { maxKeys: 2 },
    ),
  }),
  check: (sent) => checkWith(sent, around),
});
