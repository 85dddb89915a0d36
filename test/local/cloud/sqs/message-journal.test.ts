import type { CloudDatabase } from '../../../../local/cloud/cloud-database.ts';
import { MessageJournal } from '../../../../local/cloud/sqs/message-journal.ts';
import type { QueueMessage } from '../../../../local/cloud/sqs/queue-message.ts';

function createMemory() {
  const records = new Map<string, string>();
  const database: Pick<CloudDatabase, 'write' | 'getMany'> = {
    async write(operations) {
      for (const operation of operations) {
        if (operation.type === 'put') records.set(operation.key, operation.value);
        else records.delete(operation.key);
      }
    },
    getMany: async (keys) => keys.map((key) => records.get(key)),
  };
  return { records, database: database as CloudDatabase };
}

function message(seq: number, batchSeq: number): QueueMessage {
  return {
    seq,
    batchSeq,
    id: `id-${seq}`,
    sentAtMs: 0,
    delayedUntilMs: 0,
    groupId: undefined,
    deadLetterSourceArn: undefined,
    standing: 'visible',
    receiveCount: 0,
    firstReceivedAtMs: undefined,
    visibleAtMs: 0,
    place: seq,
  };
}

const sent = (seq: number, batchSeq: number) => ({
  envelope: message(seq, batchSeq),
  payload: { body: `body-${seq}`, bodyMd5: '' },
});
const PAYLOADS = 'sqs/payload/0000000000000001';

test('keeps the payloads of a batch until its last message goes, from whatever queue', async () => {
  const { records, database } = createMemory();
  const journal = new MessageJournal(database, 1);
  expect(journal.takeSeqs(3)).toBe(1);
  expect(journal.takeSeqs(1)).toBe(4);
  await journal.sent('q', [sent(1, 1), sent(2, 1), sent(3, 1)]);
  expect(records.size).toBe(4);
  await journal.removed('q', [message(1, 1)]);
  await journal.moved('q', 'other', [message(3, 1)]);
  await journal.removed('q', [message(2, 1)]);
  expect([...records.keys()]).toEqual([PAYLOADS, 'sqs/message/other/0000000000000003']);
  await journal.removed('other', [message(3, 1)]);
  expect(records.size).toBe(0);
});

test('reads after a restart what is left of a batch, and counts on', async () => {
  const { records, database } = createMemory();
  const before = new MessageJournal(database, 1);
  await before.sent('q', [sent(1, 1), sent(2, 1), sent(3, 1)]);
  await before.removed('q', [message(1, 1)]);
  const after = new MessageJournal(database, 4);
  for (const seq of [2, 3]) after.restored(message(seq, 1));
  const payloads = await after.payloads([message(3, 1), message(2, 1)]);
  expect(payloads.map((payload) => payload?.body)).toEqual(['body-3', 'body-2']);
  await after.removed('q', [message(2, 1)]);
  expect(records.has(PAYLOADS)).toBe(true);
  await after.removed('q', [message(3, 1)]);
  expect(records.size).toBe(0);
});
