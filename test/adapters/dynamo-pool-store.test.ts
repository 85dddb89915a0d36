import { createDynamoClient } from '../../functions/runtime/compose-clients.ts';
import { createDynamoPoolStore } from '../../shared/adapters/dynamo-pool-store.ts';
import { type EmbeddedCloud, startEmbeddedCloud } from './embedded-cloud.ts';

const NOW_MS = 1_000_000;
const LEASE_MS = 10_000;

let cloud: EmbeddedCloud;

beforeAll(async () => {
  cloud = await startEmbeddedCloud();
});

afterAll(() => cloud.stop());

/** A client of its own, with something done right after its first read. */
const afterFirstRead = (deed: () => Promise<unknown>): EmbeddedCloud['dynamo'] => {
  const client = createDynamoClient('us-east-1', cloud.address);
  let isDone = false;
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const answer = await next(args);
      if (isDone || context.commandName !== 'GetItemCommand') return answer;
      isDone = true;
      await deed();
      return answer;
    },
    { step: 'initialize', name: 'afterFirstRead' },
  );
  return client;
};

describe('ending all owners', () => {
  it('leaves alone one that has begun since they were seen', async () => {
    const table = cloud.requestsTable;
    const pools = createDynamoPoolStore({ client: cloud.dynamo, table });
    await pools.acquire('racing', NOW_MS, LEASE_MS);
    const client = afterFirstRead(() => pools.acquire('racing', NOW_MS + LEASE_MS, LEASE_MS));
    await createDynamoPoolStore({ client, table }).endAll('racing');
    client.destroy();
    expect(await pools.isHeld('racing', NOW_MS + LEASE_MS + 1)).toBe(true);
    expect(await pools.acquire('racing', NOW_MS + 2 * LEASE_MS, LEASE_MS)).toMatchObject({
      epoch: 3,
      liveEpochs: [2, 3],
      fallenEpochs: [1],
    });
  });
});
