import {
  ConfigurationError,
  type Environment,
  parseEnvironment,
} from '../../functions/runtime/environment.ts';

const SETTINGS = '{"models":{"haiku":{"model_id":"m","quota":{"tokens_per_minute":1000}}}}';

const complete: Environment = {
  AWS_REGION: 'eu-west-1',
  SMOOTHER_SETTINGS: SETTINGS,
  SMOOTHER_QUEUE_URL_PREFIX: 'https://sqs/1/smoother-',
  SMOOTHER_REQUESTS_TABLE: 'smoother-requests',
  SMOOTHER_REPORTING_TABLE: 'smoother-reporting',
  SMOOTHER_BUCKET: 'smoother-bedrock-calls',
};

const faultsOf = (env: Environment): readonly string[] => {
  try {
    parseEnvironment('ingestion', env);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.faults;
    throw error;
  }
  return [];
};

describe('parseEnvironment', () => {
  it('gives region, settings with their defaults, and the variables of the function', () => {
    const config = parseEnvironment('ingestion', { ...complete, PATH: '/bin' });
    expect(config.region).toBe('eu-west-1');
    expect(config.settings.models.haiku?.default_max_tokens).toBe(1024);
    expect(config.variables).toEqual({
      SMOOTHER_SETTINGS: SETTINGS,
      SMOOTHER_QUEUE_URL_PREFIX: 'https://sqs/1/smoother-',
      SMOOTHER_REQUESTS_TABLE: 'smoother-requests',
      SMOOTHER_REPORTING_TABLE: 'smoother-reporting',
      SMOOTHER_BUCKET: 'smoother-bedrock-calls',
    });
  });

  it.each([
    ['unset', undefined],
    ['empty', ''],
    ['blank', ' \t'],
  ])('takes a variable that is %s for missing', (_, value) => {
    expect(faultsOf({ ...complete, SMOOTHER_BUCKET: value })).toEqual(['SMOOTHER_BUCKET is not set']);
  });

  it('names everything that is missing at once', () => {
    expect(faultsOf({})).toEqual([
      'SMOOTHER_SETTINGS is not set',
      'SMOOTHER_QUEUE_URL_PREFIX is not set',
      'SMOOTHER_REQUESTS_TABLE is not set',
      'SMOOTHER_REPORTING_TABLE is not set',
      'SMOOTHER_BUCKET is not set',
      'AWS_REGION is not set',
    ]);
  });

  it('names settings that are no JSON beside what is missing', () => {
    expect(faultsOf({ ...complete, AWS_REGION: '', SMOOTHER_SETTINGS: '{oops' })).toEqual([
      'AWS_REGION is not set',
      'SMOOTHER_SETTINGS must be JSON',
    ]);
  });

  it('names every fault of the settings beside what is missing', () => {
    const settings = JSON.stringify({
      minutes_to_process: 11,
      models: { haiku: { model_id: '', quota: { tokens_per_minut: 5 } } },
    });
    const faults = faultsOf({ ...complete, SMOOTHER_BUCKET: '', SMOOTHER_SETTINGS: settings });
    expect(faults[0]).toBe('SMOOTHER_BUCKET is not set');
    expect(
      faults
        .slice(1)
        .map((fault) => fault.split(' ').slice(0, 2).join(' '))
        .toSorted(),
    ).toEqual([
      'SMOOTHER_SETTINGS: minutes_to_process',
      'SMOOTHER_SETTINGS: models.haiku.model_id',
      'SMOOTHER_SETTINGS: models.haiku.quota.tokens_per_minut',
    ]);
  });

  it.each(['null', '[]', '"text"', '7'])('refuses settings that are JSON but no object: %s', (text) => {
    expect(faultsOf({ ...complete, SMOOTHER_SETTINGS: text })).not.toEqual([]);
  });

  it('says how many faults there are', () => {
    expect(() => parseEnvironment('query', { AWS_REGION: 'us-east-1', SMOOTHER_SETTINGS: SETTINGS })).toThrow(
      'the configuration has 3 faults: SMOOTHER_REQUESTS_TABLE is not set; SMOOTHER_REPORTING_TABLE is not set; SMOOTHER_BUCKET is not set',
    );
  });
});
