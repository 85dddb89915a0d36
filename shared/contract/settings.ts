import { z } from 'zod';
import {
  DEPLOYMENT_SETTINGS,
  deploymentFaults,
  jwtSchema,
  terraformStateSchema,
} from './deployment-settings.ts';
import { limit } from './limits.ts';
import { nearestName } from './nearest-name.ts';
import { DEFAULT_POOLS, duplicateNames, type Pool, poolFaults, poolNameFaults, poolSchema } from './pools.ts';
import { pricesSchema, quotaSchema } from './quota-settings.ts';
import { type KnownNames, toFaults } from './schema-faults.ts';
import type { SettingFault } from './setting-fault.ts';
import { targetSchema } from './targets.ts';
import { budgetFaults, budgetSchema } from './tenant-limits.ts';
import { identityFaults, tenantNameFaults, tenantSchema } from './tenants.ts';

export const settingsSchema = z.strictObject({
  aws_region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'must be a region such as us-east-1')
    .default('us-east-1')
    .meta({ description: 'The AWS region of everything.' }),
  notification_email: z
    .email('must be an e-mail address')
    .optional()
    .meta({ description: 'Subscribed to the alarm topic; needed to deploy.' }),
  average_request_duration: z
    .number()
    .min(0.1)
    .max(900)
    .default(5)
    .meta({ description: 'Seconds a model call takes: the first guess, behind `Retry-After`.' }),
  minutes_to_process: z
    .number()
    .min(1)
    .max(10)
    .default(5)
    .meta({ description: 'Minutes one drain works before it is ready to hand over.' }),
  max_concurrent_executions: z
    .number()
    .int()
    .min(1)
    .max(700)
    .default(30)
    .meta({ description: 'Most model calls in flight per pool; one Lambda holds about 700.' }),
  queue_depth_threshold: z.number().int().min(10).max(10_000).default(100).meta({
    description: 'Most waiting requests that a drain holds in memory, calls in flight not counted.',
  }),
  cors_origins: z
    .array(
      z
        .string()
        .regex(
          /^(\*|https?:\/\/[a-z0-9.-]+(:\d{1,5})?)$/,
          'must be an origin such as https://app.example.com, or *',
        ),
    )
    .max(20)
    .default([])
    .meta({
      description:
        'Origins such as `https://app.example.com`, or `*`, whose pages may call the API from a browser.',
    }),
  index_requests: z.boolean().optional().meta({
    description:
      'Whether all requests can be listed and found by `custom_id`: unset, they can in the local run and not deployed, where it costs two more writes a request, about $1.25 a million.',
  }),
  longest_poll_seconds: z.number().int().min(0).max(25).optional().meta({
    description:
      'Most seconds that `?wait=` keeps a read open: unset, 25 in the local run and 0 deployed, where a function that waits is paid for.',
  }),
  longest_answer_seconds: z.number().int().min(1).max(840).optional().meta({
    description:
      'Most seconds that the doors of SDKs keep a call open until its answer: unset, 540 in the local run and 240 deployed, where a client may give up on an answer without a first byte after 300.',
  }),
  chat_wait_seconds: z.number().int().min(0).max(840).optional().meta({
    description:
      'Most seconds that `/chat`, `/generate` and `/ai/ask` wait for an answer before they tell where it will be: unset, 25.',
  }),
  alarm_threshold: z
    .number()
    .int()
    .min(1)
    .default(5)
    .meta({ description: 'Model errors in a period before the alarm.' }),
  alarm_evaluation_periods: z
    .number()
    .int()
    .min(1)
    .max(100)
    .default(1)
    .meta({ description: 'Periods in a row before the alarm.' }),
  dashboard_name: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,255}$/, 'must be letters, digits, `_` and `-`')
    .default('bedrock-errors')
    .meta({ description: 'Name of the CloudWatch dashboard.' }),
  models: z
    .record(z.string(), poolSchema)
    .prefault(DEFAULT_POOLS)
    .meta({ description: 'The pools: name, model and quota of each.' }),
  default_model: z
    .string()
    .optional()
    .meta({ description: 'The pool of requests that name no model, when several are configured.' }),
  tenants: z.record(z.string(), tenantSchema).default({}).meta({
    description: 'Weights and caps by the tenant’s name; `*` stands for everybody who is not named.',
  }),
  longest_low_wait_seconds: z
    .number()
    .int()
    .min(60)
    .max(limit('max_age_seconds'))
    .default(limit('max_age_seconds'))
    .meta({
      description:
        'Seconds that new work of priority `low` may be expected to wait: more is refused (429 `backlog_too_long`) with when it would be answered. The default is how long a request may wait at all.',
    }),
  reconcile_megabytes_per_hour: z.number().int().min(1).max(600).default(40).meta({
    description:
      'Megabytes of the requests table that are looked through in an hour at most for what should not exist: 40 are a table of 960 MB, about 1.7 million requests, in a day, and cost 46 cents a month at most.',
  }),
  operators: z.array(z.string().min(1).max(2048)).max(20).optional().meta({
    description:
      'ARNs of the users and roles that may pause, resume and change limits at run time; `*` stands for every caller. Unset, everybody may in the local run and nobody deployed.',
  }),
  completion_events: z
    .array(z.literal(['sns']))
    .max(1)
    .default([])
    .meta({
      description:
        'Where subscribers are told of every request and batch that ends: `sns`. Empty, nobody is, and nothing costs anything.',
    }),
  webhooks: z.literal(['off', 'on', 'loopback']).default('off').meta({
    description:
      'Whether a request or a batch may name a `callback_url` that is told of its end (`on`). `loopback` lets it be a program on the same machine too, for the local run only: it cannot be deployed.',
  }),
  log_retention_days: z
    .literal([
      1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
    ])
    .default(14)
    .meta({ description: 'Days that CloudWatch keeps logs: one of the periods it knows.' }),
  ...DEPLOYMENT_SETTINGS,
});

export type Settings = z.infer<typeof settingsSchema>;

export const SETTING_NAMES = Object.keys(settingsSchema.shape) as readonly (keyof Settings)[];

export type ParsedSettings =
  | { readonly ok: true; readonly settings: Settings }
  | { readonly ok: false; readonly faults: readonly SettingFault[] };

const targetNames: KnownNames = (path) => {
  if (path.length === 1) return Object.keys(targetSchema.shape);
  if (path[1] === 'quota') return Object.keys(quotaSchema.shape);
  return path[1] === 'prices' ? Object.keys(pricesSchema.shape) : [];
};

const tenantNames: KnownNames = (path) => {
  if (path.length === 0) return Object.keys(tenantSchema.shape);
  return path[0] === 'budget' ? Object.keys(budgetSchema.shape) : [];
};

const knownNames: KnownNames = (path) => {
  if (path.length === 0) return SETTING_NAMES;
  if (path[0] === 'jwt') return Object.keys(jwtSchema.shape);
  if (path[0] === 'terraform_state') return Object.keys(terraformStateSchema.shape);
  if (path[0] === 'tenants') return tenantNames(path.slice(2));
  if (path[0] !== 'models') return [];
  if (path.length === 2) return Object.keys(poolSchema.shape);
  if (path[2] === 'targets') return targetNames(path.slice(3));
  if (path[2] === 'quota' || path[2] === 'fallback_quota') return Object.keys(quotaSchema.shape);
  return path[2] === 'prices' ? Object.keys(pricesSchema.shape) : [];
};

const unknownDefault = (chosen: unknown, pools: readonly string[]): SettingFault[] => {
  if (typeof chosen !== 'string' || pools.length === 0 || pools.includes(chosen)) return [];
  const nearest = nearestName(chosen, pools);
  const hint = nearest === undefined ? '' : `; did you mean \`${nearest}\`?`;
  return [
    { setting: 'default_model', detail: `must be one of ${pools.join(', ')}, not \`${chosen}\`${hint}` },
  ];
};

const asObject = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : {};

/** Rules between settings. Pools with faults of their own are left out, so that each fault is named once. */
const faultsBetween = (context: unknown): SettingFault[] => {
  const { models = DEFAULT_POOLS, default_model: chosen, tenants, aws_region } = asObject(context);
  const { data: awsRegion = '' } = settingsSchema.shape.aws_region.safeParse(aws_region);
  const pools = Object.entries(asObject(models)).map(
    ([name, pool]) => [name, poolSchema.safeParse(pool)] as const,
  );
  const sound = pools.flatMap(([name, { data }]): [string, Pool][] =>
    data === undefined ? [] : [[name, data]],
  );
  const none = pools.length === 0 && asObject(models) === models;
  return [
    ...(none ? [{ setting: 'models', detail: 'must hold at least one pool' }] : []),
    ...unknownDefault(
      chosen,
      pools.map(([name]) => name),
    ),
    ...pools.flatMap(([name]) => poolNameFaults(name)),
    ...duplicateNames(Object.fromEntries(sound)),
    ...sound.flatMap(([name, pool]) => poolFaults(name, pool, awsRegion)),
    ...Object.keys(asObject(tenants)).flatMap(tenantNameFaults),
    ...identityFaults(asObject(tenants)),
    ...budgetFaults(asObject(tenants), Object.fromEntries(sound)),
    ...deploymentFaults(asObject(context)),
  ];
};

const toSettingName = (pointer: string): string =>
  pointer.slice(1).replaceAll('/', '.').replaceAll('~1', '/').replaceAll('~0', '~');

/** Settings with their defaults, or every fault in them; nothing is clamped in silence. */
export const parseSettings = (context: unknown): ParsedSettings => {
  const parsed = settingsSchema.safeParse(context);
  const between = faultsBetween(context);
  if (parsed.success && between.length === 0) return { ok: true, settings: parsed.data };
  const schemaFaults = parsed.success ? [] : toFaults(parsed.error, context, knownNames);
  return {
    ok: false,
    faults: [
      ...schemaFaults.map(({ pointer, code, detail }) => ({
        setting: toSettingName(pointer) || 'context',
        // The setting's name stands before its fault already.
        detail: code === 'unknown_field' ? detail.replace(/^`[^`]*` /, '') : detail,
      })),
      ...between,
    ],
  };
};
