import { createBedrockClients, type SdkClient } from '../../functions/runtime/compose-clients.ts';
import { type Bedrock, startBedrock } from '../../local/bedrock/start-bedrock.ts';
import { createBedrockModel } from '../../shared/adapters/bedrock-model.ts';
import type { ModelCall } from '../../shared/ports/model.ts';

const quota = { tokensPerMinute: 1_000_000, burndown: 1 };

const callTo = (place: Pick<ModelCall, 'region' | 'endpoint'>): ModelCall => ({
  modelId: 'm',
  ...place,
  request: {
    kind: 'converse',
    converse: {
      messages: [{ role: 'user', content: [{ text: 'hello' }] }],
      inferenceConfig: { maxTokens: 10 },
    },
  },
  streams: false,
  untilMs: Date.now() + 60_000,
  signal: new AbortController().signal,
});

describe('a model that is called in several places', () => {
  const servers: Bedrock[] = [];

  const start = async (...models: readonly string[]): Promise<Bedrock> => {
    const server = await startBedrock({
      port: 0,
      latencyScale: 0,
      models: Object.fromEntries(models.map((model) => [model, quota])),
    });
    servers.push(server);
    return server;
  };

  afterEach(async () => {
    await Promise.all(servers.splice(0).map(({ close }) => close()));
  });

  it('is asked in each region by a client of its own, which is kept', async () => {
    const here = await start('m', 'm@eu-west-1');
    const elsewhere = await start('m');
    const made: SdkClient[] = [];
    const clients = createBedrockClients('us-east-1', 10, {
      endpoint: here.endpoint,
      credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
      onClient: (client) => made.push(client),
    });
    const model = createBedrockModel(clients.clientFor);
    for (const place of [
      {},
      { region: 'eu-west-1' },
      { endpoint: elsewhere.endpoint },
      {},
      { region: 'eu-west-1' },
    ])
      expect((await model.call(callTo(place))).kind).toBe('answered');

    expect(here.truth().models.m?.calls).toBe(2);
    expect(here.truth().models['m@eu-west-1']?.calls).toBe(2);
    expect(elsewhere.truth().models.m?.calls).toBe(1);
    expect(made).toHaveLength(3);
    clients.close();
  });

  it('is asked everywhere alike by a simulator that knows no regions', async () => {
    const here = await start('m');
    const clients = createBedrockClients('us-east-1', 10, {
      endpoint: here.endpoint,
      credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    });
    const model = createBedrockModel(clients.clientFor);
    await model.call(callTo({}));
    await model.call(callTo({ region: 'eu-west-1' }));
    expect(here.truth().models.m?.calls).toBe(2);
    clients.close();
  });
});
