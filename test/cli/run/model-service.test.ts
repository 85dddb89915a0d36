import {
  chooseService,
  defaultDataFolder,
  identityOf,
  pipelineFor,
  settingsFor,
} from '../../../cli/run/model-service.ts';
import { parseSettings } from '../../../shared/contract/settings.ts';

const parsed = parseSettings({});
if (!parsed.ok) throw new Error('the defaults have a fault');
const { settings } = parsed;

const OPENAI = {
  modelService: 'openai',
  baseUrl: 'http://127.0.0.1:11434/v1',
  model: 'llama3.2:1b',
} as const;

describe('who answers', () => {
  it.each([
    ['the simulator', { modelService: 'simulator' }, {}, { kind: 'simulator' }, '.smoother'],
    [
      'whom the variables name',
      { modelService: 'simulator' },
      { AWS_ENDPOINT_URL_BEDROCK_RUNTIME: 'http://b.test' },
      { kind: 'given', endpoint: 'http://b.test' },
      '.smoother',
    ],
    [
      'Bedrock in the region',
      { modelService: 'aws' },
      {},
      { kind: 'aws', endpoint: 'https://bedrock-runtime.eu-west-1.amazonaws.com' },
      '.smoother-aws',
    ],
    [
      'Bedrock where the variables say',
      { modelService: 'aws' },
      { AWS_ENDPOINT_URL_BEDROCK_RUNTIME: 'http://vpc.test' },
      { kind: 'aws', endpoint: 'http://vpc.test' },
      '.smoother-aws',
    ],
    [
      'a server of one’s own, with the key that such servers know',
      OPENAI,
      { OPENAI_API_KEY: 'k' },
      { kind: 'openai', baseUrl: 'http://127.0.0.1:11434/v1', model: 'llama3.2:1b', apiKey: 'k' },
      '.smoother-openai',
    ],
  ] as const)('is %s', (_, options, env, service, folder) => {
    const chosen = chooseService(options, 'eu-west-1', env);
    expect(chosen).toEqual(service);
    expect(defaultDataFolder(chosen)).toBe(folder);
  });

  it.each([
    [
      'openai without a URL',
      { modelService: 'openai', model: 'm' },
      {},
      /^--model-service openai needs the server as --base-url/,
    ],
    ['openai without a model', { ...OPENAI, model: undefined }, {}, /needs --model/],
    ['openai and a Bedrock', OPENAI, { AWS_ENDPOINT_URL: 'http://b.test' }, /name two services/],
    ['a URL without openai', { modelService: 'aws', baseUrl: 'http://b.test' }, {}, /^--base-url is for/],
  ])('is not clear with %s', (_, options, env, message) => {
    expect(() => chooseService(options as never, 'us-east-1', env)).toThrow(message);
  });

  it('has a name of its own without the key', () => {
    expect(identityOf(chooseService(OPENAI, 'us-east-1', { OPENAI_API_KEY: 'secret' }))).toBe(
      'openai http://127.0.0.1:11434/v1 llama3.2:1b',
    );
  });

  it('on Bedrock goes by the quotas of the account', () => {
    const service = chooseService({ modelService: 'aws' }, 'us-east-1', {});
    expect(settingsFor(settings, service, undefined).models.haiku).toMatchObject({
      quota: 'service-quotas',
      fallback_quota: { tokens_per_minute: 2_000_000 },
    });
    expect(pipelineFor(service, { HOME: '/h' })).toEqual({
      env: {
        HOME: '/h',
        AWS_ENDPOINT_URL_BEDROCK_RUNTIME: 'https://bedrock-runtime.us-east-1.amazonaws.com',
      },
    });
  });

  it('is asked for a model by its id without any configuration', () => {
    const service = chooseService({ modelService: 'aws' }, 'us-east-1', {});
    const { models } = settingsFor(settings, service, 'us.anthropic.claude-sonnet-4-20250514-v1:0');
    expect(Object.keys(models)).toEqual(['haiku', 'asked']);
    expect(models.asked).toMatchObject({
      model_id: 'us.anthropic.claude-sonnet-4-20250514-v1:0',
      quota: 'service-quotas',
      burndown: 5,
    });
    expect(settingsFor(settings, service, 'amazon.nova-micro-v1:0').models.asked).toMatchObject({
      burndown: 1,
    });
  });

  it('says which models there are', () => {
    expect(() => settingsFor(settings, { kind: 'simulator' }, 'haikku')).toThrow(
      'There is no model haikku; configured: haiku. Did you mean haiku? A model id of Bedrock, such as us.amazon.nova-micro-v1:0, needs no configuration.',
    );
  });

  it('has one pool when it is a server of one’s own', () => {
    const service = chooseService(OPENAI, 'us-east-1', {});
    const { models } = settingsFor({ ...settings, default_model: 'haiku' }, service, 'llama3.2:1b');
    expect(Object.keys(models)).toEqual(['openai']);
    expect(models.openai).toMatchObject({ model_id: 'llama3.2:1b', burndown: 1 });
    expect(pipelineFor(service, {})).toEqual({
      env: {},
      forward: { baseUrl: 'http://127.0.0.1:11434/v1', model: 'llama3.2:1b', apiKey: undefined },
    });
  });
});
