import { randomBytes } from 'node:crypto';
import { createDynamoApiKeys } from '../../shared/adapters/dynamo-api-keys.ts';
import { systemClock } from '../../shared/adapters/system-clock.ts';
import { createMakeKey } from '../../shared/flows/keys/manage-api-keys.ts';
import { removeFolders, settingsOf, synthStack } from '../stacks/harness.ts';
import { type DeployedPipeline, type HttpAnswer, startDeployedPipeline } from './deployed-pipeline.ts';

const SETTINGS = settingsOf({ api_authorization: 'api_key', longest_poll_seconds: 20 });
const TIMEOUT_MS = 120_000;

const parse = ({ body }: HttpAnswer) => JSON.parse(body) as Readonly<Record<string, unknown>>;

describe('the deployed bundles, where the API asks for keys', () => {
  let pipeline: DeployedPipeline;

  beforeAll(async () => {
    pipeline = await startDeployedPipeline(SETTINGS, synthStack(SETTINGS));
  }, TIMEOUT_MS);

  afterAll(async () => {
    await pipeline?.stop();
    removeFolders();
  }, TIMEOUT_MS);

  /** As an administrator does, with rights of his own. */
  const giveKey = async (tenant: string): Promise<Record<string, string>> => {
    const keys = createDynamoApiKeys({
      client: pipeline.documents,
      table: pipeline.created.reportingTable,
    });
    const make = createMakeKey({ keys, clock: systemClock, randomBytes });
    const { text } = await make({ name: '', tenant, scopes: ['submit', 'read'], lifetimeMs: null });
    return { authorization: `Bearer ${text}` };
  };

  it(
    'answer a tenant by its key and show others nothing of it',
    async () => {
      const [alpha, beta] = [await giveKey('alpha'), await giveKey('beta')];
      const envelope = { prompt: 'Say hello.', max_tokens: 10 };
      const accepted = await pipeline.http('POST', '/v1/requests', envelope, alpha);
      expect([accepted.status, parse(accepted).tenant]).toEqual([202, 'alpha']);

      const path = `/v1/requests/${String(parse(accepted).request_id)}`;
      const answered = await pipeline.http('GET', `${path}?wait=20`, undefined, alpha);
      expect(parse(answered)).toMatchObject({ tenant: 'alpha', status: 'succeeded' });
      expect((await pipeline.http('GET', path, undefined, beta)).status).toBe(404);
      expect((await pipeline.http('POST', `${path}/cancel`, undefined, alpha)).status).toBe(403);
    },
    TIMEOUT_MS,
  );

  it('answer nobody without one, but for their health', async () => {
    const envelope = { prompt: 'Say hello.', max_tokens: 10 };
    expect((await pipeline.http('POST', '/v1/requests', envelope)).status).toBe(401);
    expect((await pipeline.http('GET', '/v1/quota')).status).toBe(401);
    expect((await pipeline.http('GET', '/health')).status).toBe(200);
  });

  it('read keys, and do nothing else with the table of keys, as their roles have it', () => {
    const uses = (name: string) => [
      ...new Set(
        pipeline
          .uses()
          .filter(
            ({ caller, resource }) =>
              caller === name && resource === `table ${pipeline.created.reportingTable}`,
          )
          .map(({ action }) => action),
      ),
    ];
    expect(uses('query')).toEqual(['dynamodb:GetItem']);
    expect(uses('ingestion')).toEqual(['dynamodb:GetItem']);
  });
});
