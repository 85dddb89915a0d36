import { CONTENT_BLOCKS, converseSchema } from '../contract/converse.ts';
import { CONTENT_FIELDS, ENVELOPE_FIELDS, type Envelope, envelopeSchema } from '../contract/envelope.ts';
import { limit } from '../contract/limits.ts';
import type { Fault } from '../contract/problem.ts';
import { type KnownNames, toFaults } from '../contract/schema-faults.ts';
import { DEFAULT_TENANT, type TenantSettings, tenantSettingsOf } from '../contract/tenants.ts';
import { holdsMoreThan } from './count-values.ts';
import {
  askedMaxTokens,
  ENVELOPE_RULES,
  fault,
  type Sound,
  timesOf,
  type ValidationContext,
} from './envelope-rules.ts';
import { findPool, type NamedPool } from './pool-names.ts';

export interface ValidEnvelope {
  readonly envelope: Envelope;
  readonly tenant: string;
  /** Its sender says so, and nobody has proven it. */
  readonly tenantAsserted?: true;
  readonly pool: NamedPool;
  readonly tenantSettings: TenantSettings;
  readonly maxTokens: number;
  readonly expiresAtMs: number;
  /** Only while it lies ahead. */
  readonly notBeforeMs?: number;
}

export type Validation =
  | { readonly ok: true; readonly valid: ValidEnvelope }
  | { readonly ok: false; readonly faults: readonly Fault[] };

const INFERENCE_FIELDS = ['maxTokens', 'temperature', 'topP', 'stopSequences'];

const knownNames: KnownNames = (path) => {
  if (path.length === 0) return ENVELOPE_FIELDS;
  if (path[0] === 'messages') return ['role', 'content'];
  if (path[0] !== 'converse') return [];
  if (path.length === 1) return Object.keys(converseSchema.shape);
  if (path[1] === 'inferenceConfig') return INFERENCE_FIELDS;
  return path[1] === 'messages' ? ['role', 'content', ...CONTENT_BLOCKS] : [];
};

/** The fields that the schema finds nothing wrong with: rules between fields look only at these. */
const soundFields = (body: Readonly<Record<string, unknown>>, faults: readonly Fault[]): Sound => {
  const bad = new Set(faults.map(({ pointer }) => pointer.split('/')[1]));
  return Object.fromEntries(Object.entries(body).filter(([field]) => !bad.has(field)));
};

/** A faulty field is there all the same: its absence is not a second fault. */
const withoutEchoes = (faults: readonly Fault[], body: Readonly<Record<string, unknown>>): readonly Fault[] =>
  faults.filter(({ pointer, code }) => {
    if (code !== 'required') return true;
    if (pointer === '') return !CONTENT_FIELDS.some((field) => field in body);
    return pointer !== '/model' || !('model' in body);
  });

const isObject = (body: unknown): body is Readonly<Record<string, unknown>> =>
  typeof body === 'object' && body !== null && !Array.isArray(body);

/** To name every fault of such a body would hold up everybody else. */
const TOO_MANY_VALUES = fault(
  '',
  'out_of_range',
  `must hold at most ${limit('request_values')} values; nothing else was checked`,
);

/** Everything that is wrong with a request, of schema and of meaning together; or the request, with its defaults. */
export const validateEnvelope = (body: unknown, context: ValidationContext): Validation => {
  if (holdsMoreThan(limit('request_values'), body)) return { ok: false, faults: [TOO_MANY_VALUES] };
  const parsed = envelopeSchema.safeParse(body);
  const schemaFaults = parsed.success ? [] : toFaults(parsed.error, body, knownNames);
  if (!isObject(body)) return { ok: false, faults: schemaFaults };
  const sound = soundFields(body, schemaFaults);
  const ruleFaults = withoutEchoes(
    ENVELOPE_RULES.flatMap((rule) => rule(sound, context)),
    body,
  );
  const pool = parsed.success ? findPool(context.settings, parsed.data.model) : undefined;
  if (!parsed.success || ruleFaults.length > 0 || pool === undefined)
    return { ok: false, faults: [...schemaFaults, ...ruleFaults] };
  const envelope = parsed.data;
  const tenant = context.provenTenant ?? envelope.tenant ?? DEFAULT_TENANT;
  const { notBeforeMs, expiresAtMs } = timesOf(envelope, context.nowMs);
  return {
    ok: true,
    valid: {
      envelope,
      tenant,
      tenantSettings: tenantSettingsOf(context.settings, tenant),
      ...(context.provenTenant === undefined && envelope.tenant !== undefined
        ? { tenantAsserted: true }
        : {}),
      pool,
      maxTokens: askedMaxTokens(envelope)?.value ?? pool.pool.default_max_tokens,
      expiresAtMs,
      ...(notBeforeMs !== undefined && notBeforeMs > context.nowMs ? { notBeforeMs } : {}),
    },
  };
};
