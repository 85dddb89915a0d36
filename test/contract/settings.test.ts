import type { SettingFault } from '../../shared/contract/setting-fault.ts';
import { parseSettings } from '../../shared/contract/settings.ts';

const faultsOf = (context: unknown): readonly SettingFault[] => {
  const parsed = parseSettings(context);
  return parsed.ok ? [] : parsed.faults;
};

/** Names and details as lines: what a person would read. */
const linesOf = (context: unknown): readonly string[] =>
  faultsOf(context).map(({ setting, detail }) => `${setting} ${detail}`);

const POOL = { model_id: 'model-a', quota: { tokens_per_minute: 1000 } };

const poolWith = (changes: Readonly<Record<string, unknown>>): unknown => ({
  models: { a: { ...POOL, ...changes } },
});

describe('settings', () => {
  it('are complete without a single one given', () => {
    expect(parseSettings({})).toEqual({
      ok: true,
      settings: {
        aws_region: 'us-east-1',
        average_request_duration: 5,
        minutes_to_process: 5,
        max_concurrent_executions: 30,
        queue_depth_threshold: 100,
        longest_low_wait_seconds: 432_000,
        reconcile_megabytes_per_hour: 40,
        cors_origins: [],
        alarm_threshold: 5,
        alarm_evaluation_periods: 1,
        dashboard_name: 'bedrock-errors',
        completion_events: [],
        webhooks: 'off',
        log_retention_days: 14,
        tags: {},
        kms_key: 'aws',
        deletion_protection: false,
        input_queue_senders: [],
        api_authorization: 'iam',
        api_requests_per_second: 500,
        api_burst_requests: 1000,
        function_url: false,
        reserve_concurrency: true,
        tenants: {},
        models: {
          haiku: {
            model_id: 'us.anthropic.claude-haiku-4-5-20251001-v1:0',
            also_known_as: ['claude-haiku-4-5'],
            quota: { tokens_per_minute: 2_000_000 },
            headroom: 0,
            burndown: 5,
            default_max_tokens: 1024,
            max_max_tokens: 32_000,
            tokens_per_second: 60,
            prices: { input: 1.1, output: 5.5, cache_read: 0.11, cache_write: 1.375 },
          },
        },
      },
    });
  });

  it('fill a pool in that names only its model and quota', () => {
    expect(parseSettings(poolWith({}))).toMatchObject({
      settings: {
        models: {
          a: {
            model_id: 'model-a',
            also_known_as: [],
            burndown: 5,
            default_max_tokens: 1024,
            max_max_tokens: 32_000,
            tokens_per_second: 60,
          },
        },
      },
    });
  });

  it('take further targets of a pool, and leave out what they do not say', () => {
    const targets = [{ model_id: 'model-b', quota: { tokens_per_minute: 5 } }];
    expect(parseSettings(poolWith({ targets }))).toMatchObject({ settings: { models: { a: { targets } } } });
  });

  it.each<[string, readonly Readonly<Record<string, unknown>>[], string]>([
    [
      'two targets of one name',
      [{ model_id: 'model-a', quota: { tokens_per_minute: 1 } }],
      'models.a.targets.0.name `model-a` already names a target of this pool; name another model or region, or give it a `name` of its own',
    ],
    [
      'the model and region of the pool under another name',
      [{ model_id: 'model-a', name: 'b', region: 'us-east-1', quota: { tokens_per_minute: 1 } }],
      'models.a.targets.0 `b` is the same model in the same region (us-east-1) as `model-a`: both would count on one quota; name another model or region, or leave it out',
    ],
    [
      'one model and region under two names',
      [
        { model_id: 'b', region: 'eu-west-1', quota: { tokens_per_minute: 1 } },
        { model_id: 'b', region: 'eu-west-1', name: 'c', quota: { tokens_per_minute: 1 } },
      ],
      'models.a.targets.1 `c` is the same model in the same region (eu-west-1) as `b@eu-west-1`: both would count on one quota; name another model or region, or leave it out',
    ],
    [
      'a target for larger requests than its pool takes',
      [{ model_id: 'b', quota: { tokens_per_minute: 1 }, max_max_tokens: 32_001 }],
      'models.a.targets.0.max_max_tokens must be at most the pool’s max_max_tokens (32000): larger requests are refused at the door',
    ],
    [
      'a target too slow for its requests',
      [{ model_id: 'b', quota: { tokens_per_minute: 1 }, tokens_per_second: 10 }],
      'models.a.targets.0.max_max_tokens must be at most 7800: at 10 tokens a second a longer answer would outlast a drain',
    ],
    [
      'a mistyped setting of a target',
      [{ model_id: 'b', quota: { tokens_per_minute: 1 }, regoin: 'us-east-1' }],
      'models.a.targets.0.regoin is not known here; did you mean `region`?',
    ],
  ])('refuse %s', (_, targets, line) => {
    expect(linesOf(poolWith({ targets }))).toEqual([line]);
  });

  it.each([
    ['null', null, 'context must be an object, not null'],
    ['a list', [], 'context must be an object, not an array'],
    ['a text', '{}', 'context must be an object, not a string'],
    ['a number', 7, 'context must be an object, not a number'],
    ['nothing', undefined, 'context must be an object, not missing'],
  ])('may not be %s', (_, context, line) => {
    expect(linesOf(context)).toEqual([line]);
  });

  it('name every fault at once, of single settings and between them', () => {
    expect(
      linesOf({
        aws_region: 'virginia',
        aws_regon: 'us-east-1',
        minutes_to_process: 11,
        max_concurrent_executions: 1.5,
        queue_depth_threshold: '100',
        models: {
          a: { model_id: 'm', quota: { tokens_per_minute: 0 } },
          b: { ...POOL, default_max_tokens: 500, max_max_tokens: 100 },
          c: { ...POOL, tokens_per_second: 1 },
        },
        tenants: { '-x': {}, alpha: { weight: 0, max_waiting: 1.5, max_wating: 3 } },
        default_model: 'd',
      }),
    ).toEqual([
      'aws_region must be a region such as us-east-1',
      'minutes_to_process must be at most 10',
      'max_concurrent_executions must be a whole number, not 1.5',
      'queue_depth_threshold must be a number, not a string',
      'models.a.quota.tokens_per_minute must be at least 1',
      'tenants.alpha.weight must be at least 0.01',
      'tenants.alpha.max_waiting must be a whole number, not 1.5',
      'tenants.alpha.max_wating is not known here; did you mean `max_waiting`?',
      'aws_regon is not known here; did you mean `aws_region`?',
      'default_model must be one of a, b, c, not `d`; did you mean `a`?',
      'models.c `model-a` already names the pool `b`',
      'models.b.default_max_tokens must be at most max_max_tokens (100)',
      'models.c.max_max_tokens must be at most 780: at 1 tokens a second a longer answer would outlast a drain',
      'tenants.-x must be `*` (everybody else), or 1-64 letters, digits, `_`, `.` and `-` that begin with a letter or digit',
    ]);
  });
});

describe('a name that is not known', () => {
  it.each([
    ['at the top', { minutes_to_proces: 5 }, 'minutes_to_proces', 'minutes_to_process'],
    ['in camel case', { dashboardName: 'x' }, 'dashboardName', 'dashboard_name'],
    ['in a pool', poolWith({ burn_down: 5 }), 'models.a.burn_down', 'burndown'],
    [
      'in a quota',
      poolWith({ quota: { tokens_per_minute: 1, tokens_pro_day: 1 } }),
      'models.a.quota.tokens_pro_day',
      'tokens_per_day',
    ],
    [
      'in prices',
      poolWith({ prices: { input: 1, output: 1, cache_reads: 1 } }),
      'models.a.prices.cache_reads',
      'cache_read',
    ],
  ])('%s is answered with the nearest', (_, context, setting, nearest) => {
    expect(faultsOf(context)).toEqual([
      { setting, detail: `is not known here; did you mean \`${nearest}\`?` },
    ]);
  });

  it('is answered without a guess when none is near', () => {
    expect(linesOf({ volume: 11 })).toEqual(['volume is not known here']);
  });

  it('is a fault though it names something every object has', () => {
    expect(linesOf(JSON.parse('{"__proto__": {}, "constructor": 1}'))).toEqual([
      '__proto__ is not known here',
      'constructor is not known here',
    ]);
  });
});

describe('a value out of its range is refused, never changed', () => {
  it.each([
    ['average_request_duration', 0, 'must be at least 0.1'],
    ['average_request_duration', 901, 'must be at most 900'],
    ['minutes_to_process', 0, 'must be at least 1'],
    ['minutes_to_process', 10.5, 'must be at most 10'],
    ['max_concurrent_executions', 0, 'must be at least 1'],
    ['max_concurrent_executions', 701, 'must be at most 700'],
    ['max_concurrent_executions', '30', 'must be a number, not a string'],
    ['queue_depth_threshold', 9, 'must be at least 10'],
    ['queue_depth_threshold', 10_001, 'must be at most 10000'],
    ['alarm_threshold', 0, 'must be at least 1'],
    ['alarm_evaluation_periods', 101, 'must be at most 100'],
    ['dashboard_name', 'my dashboard', 'must be letters, digits, `_` and `-`'],
    ['dashboard_name', '', 'must be letters, digits, `_` and `-`'],
    ['aws_region', 'US-EAST-1', 'must be a region such as us-east-1'],
    ['notification_email', 'ops', 'must be an e-mail address'],
    [
      'log_retention_days',
      10,
      'must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653',
    ],
    ['models', null, 'must be an object, not null'],
    ['models', [], 'must be an object, not an array'],
    ['models', {}, 'must hold at least one pool'],
  ])('%s: %j', (setting, value, detail) => {
    expect(faultsOf({ [setting]: value })).toEqual([{ setting, detail }]);
  });

  it.each([
    ['average_request_duration', 0.1],
    ['average_request_duration', 900],
    ['minutes_to_process', 1],
    ['minutes_to_process', 10],
    ['max_concurrent_executions', 1],
    ['max_concurrent_executions', 700],
    ['queue_depth_threshold', 10],
    ['queue_depth_threshold', 10_000],
    ['aws_region', 'ap-southeast-2'],
    ['aws_region', 'us-gov-west-1'],
    ['notification_email', 'ops@example.com'],
    ['log_retention_days', 3653],
  ])('%s: %j is allowed, and stays as it is', (setting, value) => {
    expect(parseSettings({ [setting]: value })).toMatchObject({ ok: true, settings: { [setting]: value } });
  });
});

describe('pools', () => {
  it.each([
    ['burndown', 0.5, 'must be at least 1'],
    ['burndown', 101, 'must be at most 100'],
    ['tokens_per_second', 0, 'must be at least 1'],
    ['default_max_tokens', 0, 'must be at least 1'],
    ['model_id', '', 'must not be empty'],
    ['model_id', 'm'.repeat(2049), 'must be at most 2048 characters'],
    [
      'quota',
      { requests_per_minute: 1 },
      'must name at least one of tokens_per_minute, input_tokens_per_minute, output_tokens_per_minute',
    ],
    ['quota', 'service-quota', 'must be `service-quotas`, or the limits themselves'],
    ['quota', 5, 'must be `service-quotas`, or an object of limits'],
    ['quota', undefined, 'is needed: `service-quotas`, or an object of limits'],
    [
      'quota',
      'service-quotas',
      'is needed with `service-quotas`: the limits to go by while it names none for this model',
      'fallback_quota',
    ],
    [
      'fallback_quota',
      { tokens_per_minute: 1 },
      'has no use beside a configured quota: leave it out, or set quota to `service-quotas`',
    ],
    ['headroom', 1, 'must be at most 0.9'],
    [
      'headroom',
      '10 %',
      'must be a fraction from 0 to 0.9, an object with `tokens_per_minute`, or `measured`',
    ],
    [
      'headroom',
      { tokens_per_minute: 1000 },
      'must be less than the quota (1000): nothing would be left',
      'headroom.tokens_per_minute',
    ],
    [
      'quota',
      { tokens_per_minute: 1, requests_per_minute: 0 },
      'must be at least 1',
      'quota.requests_per_minute',
    ],
    ['prices', { input: 1 }, 'is needed: a number', 'prices.output'],
    ['prices', { input: -1, output: 0 }, 'must be at least 0', 'prices.input'],
  ])('%s: %j is refused', (field, value, detail, place = field) => {
    expect(faultsOf(poolWith({ [field]: value }))).toEqual([{ setting: `models.a.${place}`, detail }]);
  });

  it.each([
    [{ quota: { input_tokens_per_minute: 1000, output_tokens_per_minute: 100 } }],
    [{ quota: { tokens_per_minute: 1000, tokens_per_day: 100_000 }, headroom: 0.25 }],
    [{ quota: { tokens_per_minute: 1000 }, headroom: { tokens_per_minute: 999 } }],
    [{ quota: { tokens_per_minute: 1000 }, headroom: 'measured' }],
    [{ quota: 'service-quotas', fallback_quota: { tokens_per_minute: 1000 } }],
  ])('take the quota %j, and stay as they are when they are read again', (changes) => {
    const parsed = parseSettings(poolWith(changes));

    expect(parsed).toMatchObject({ ok: true, settings: { models: { a: changes } } });
    expect(parsed.ok && parseSettings(JSON.parse(JSON.stringify(parsed.settings)))).toEqual(parsed);
  });

  it('whose fallback holds no tokens of a minute are refused', () => {
    expect(linesOf(poolWith({ quota: 'service-quotas', fallback_quota: { tokens_per_day: 5 } }))).toEqual([
      'models.a.fallback_quota must name at least one of tokens_per_minute, input_tokens_per_minute, output_tokens_per_minute',
    ]);
  });

  it.each(['', 'Haiku', 'a b', '-a', 'a-', 'a_b', 'a'.repeat(33)])('may not be named %j', (name) => {
    expect(faultsOf({ models: { [name]: POOL } })).toEqual([
      {
        setting: `models.${name}`,
        detail: 'must be named by 1-32 small letters, digits and `-`',
      },
    ]);
  });

  it('that are named badly have their other faults named too', () => {
    expect(faultsOf({ models: { 'A B': { quota: { tokens_per_minute: 0 } } } })).toEqual([
      { setting: 'models.A B.model_id', detail: 'is needed: a string' },
      { setting: 'models.A B.quota.tokens_per_minute', detail: 'must be at least 1' },
      { setting: 'models.A B', detail: 'must be named by 1-32 small letters, digits and `-`' },
    ]);
  });

  it.each(['a', '4', 'claude-haiku-4-5', 'a'.repeat(32)])('may be named %j', (name) => {
    expect(parseSettings({ models: { [name]: POOL } })).toMatchObject({ ok: true });
  });

  it('hold at most what can be answered before a drain ends, to the token', () => {
    expect(linesOf(poolWith({ tokens_per_second: 10, max_max_tokens: 7800 }))).toEqual([]);
    expect(linesOf(poolWith({ tokens_per_second: 10, max_max_tokens: 7801 }))).toEqual([
      'models.a.max_max_tokens must be at most 7800: at 10 tokens a second a longer answer would outlast a drain',
    ]);
  });

  it('share no name that a caller may use', () => {
    const models = { a: POOL, b: { ...POOL, model_id: 'model-b', also_known_as: ['a', 'model-a'] } };

    expect(linesOf({ models })).toEqual([
      'models.b `a` already names the pool `a`',
      'models.b `model-a` already names the pool `a`',
    ]);
  });

  it('may repeat their own name', () => {
    expect(linesOf({ models: { a: { ...POOL, also_known_as: ['a', 'model-a'] } } })).toEqual([]);
  });

  it('include the default one, by its name and no other', () => {
    expect(linesOf({ models: { a: POOL }, default_model: 'a' })).toEqual([]);
    expect(linesOf({ default_model: 'haikuu' })).toEqual([
      'default_model must be one of haiku, not `haikuu`; did you mean `haiku`?',
    ]);
    expect(linesOf({ models: { pool: POOL }, default_model: 'model-a' })).toEqual([
      'default_model must be one of pool, not `model-a`',
    ]);
  });
});
