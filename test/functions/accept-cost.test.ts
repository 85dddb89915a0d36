import { createSubmitBatch } from '../../functions/ingestion/submit-batch.ts';
import { createDynamoClient, createSqsClient } from '../../functions/runtime/compose-clients.ts';
import { createDynamoPoolStore } from '../../shared/adapters/dynamo-pool-store.ts';
import { createDynamoRequestStore } from '../../shared/adapters/dynamo-request-store.ts';
import { createDynamoTenantStore } from '../../shared/adapters/dynamo-tenant-store.ts';
import { createSqsQueues } from '../../shared/adapters/sqs-queues.ts';
import { type EmbeddedCloud, startEmbeddedCloud } from '../adapters/embedded-cloud.ts';
import { acceptDepsOf, createWorld } from '../fakes/world.ts';
import { eventOf } from './sqs-events.ts';

/** What a call of the SDK costs: its name, and the largest item it writes. */
interface Call {
  readonly name: string;
  readonly itemBytes: number;
}

interface Observed {
  readonly middlewareStack: {
    add(
      middleware: (
        next: (args: { readonly input: object }) => Promise<unknown>,
        context: { readonly commandName?: string },
      ) => (args: { readonly input: object }) => Promise<unknown>,
      options: { readonly step: 'initialize' },
    ): void;
  };
}

const recordCalls = (client: unknown, calls: Call[]): void => {
  (client as Observed).middlewareStack.add(
    (next, { commandName = '' }) =>
      (args) => {
        const { Item } = args.input as { readonly Item?: object };
        calls.push({ name: commandName, itemBytes: Item === undefined ? 0 : JSON.stringify(Item).length });
        return next(args);
      },
    { step: 'initialize' },
  );
};

const tally = (calls: readonly Call[]): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const { name } of calls) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
};

const PROMPT = 'Summarize the attached invoice, in three sentences. '.repeat(40);

describe('what it costs to accept, by batches of ten from the queue', () => {
  let cloud: EmbeddedCloud;

  beforeAll(async () => {
    cloud = await startEmbeddedCloud();
  });

  afterAll(() => cloud.stop());

  const submitTens = async (tens: number, tenant: string): Promise<readonly Call[]> => {
    const calls: Call[] = [];
    const sqs = createSqsClient('us-east-1', cloud.address);
    const client = createDynamoClient('us-east-1', cloud.address);
    recordCalls(sqs, calls);
    recordCalls(client, calls);
    const table = { client, table: cloud.requestsTable };
    const submit = createSubmitBatch({
      ...acceptDepsOf(createWorld()),
      requests: createDynamoRequestStore(table),
      pools: createDynamoPoolStore(table),
      tenants: createDynamoTenantStore(table),
      queues: createSqsQueues({ client: sqs, urlPrefix: cloud.urlPrefix }),
    });
    const bodies = Array.from({ length: 10 }, (_, index) => ({
      prompt: PROMPT,
      custom_id: `invoice-${index}`.padEnd(64, 'x'),
      tenant,
      not_before: '2026-01-30T12:00:00Z',
      metadata: { customer: 'c-17' },
    }));
    for (let ten = 0; ten < tens; ten += 1) {
      const { Records } = eventOf(...bodies);
      const records = Records.map((record) => ({
        ...record,
        messageId: `${tenant}-${ten}-${record.messageId}`,
      }));
      expect(await submit({ Records: records })).toEqual({ batchItemFailures: [] });
    }
    for (const open of [sqs, client]) open.destroy();
    return calls;
  };

  it('is one put a request, and one counter, one lane send and one look at the lease for ten', async () => {
    const pools = createDynamoPoolStore({ client: cloud.dynamo, table: cloud.requestsTable });
    // The fake clock's time: somebody drains the pool all along.
    await pools.acquire('haiku', 1_769_860_800_000, 600_000);
    expect(tally(await submitTens(10, 'steady'))).toEqual({
      UpdateItemCommand: 10,
      PutItemCommand: 100,
      SendMessageBatchCommand: 10,
      GetItemCommand: 10,
    });
  });

  it('writes state items of less than a kilobyte', async () => {
    const sizes = (await submitTens(1, 'x'.repeat(64)))
      .filter(({ name }) => name === 'PutItemCommand')
      .map(({ itemBytes }) => itemBytes);
    expect(sizes).toHaveLength(10);
    expect(Math.max(...sizes)).toBeLessThan(1024);
  });
});
