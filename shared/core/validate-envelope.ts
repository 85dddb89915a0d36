import { CONTENT_BLOCKS, converseSchema } from '../contract/converse.ts';
import {
  CONTENT_FIELDS,
  ENVELOPE_FIELDS,
  type Envelope,
  envelopeSchema,
  SHORT_FORM_OPTIONS,
} from '../contract/envelope.ts';
import type { FaultCode } from '../contract/error-codes.ts';
import { limit } from '../contract/limits.ts';
import { nearestName } from '../contract/nearest-name.ts';
import type { Fault } from '../contract/problem.ts';
import { type KnownNames, toFaults } from '../contract/schema-faults.ts';
import type { Settings } from '../contract/settings.ts';
import { holdsMoreThan } from './count-values.ts';
import { callableNames, findPool, type NamedPool, poolNames } from './pool-names.ts';

export interface ValidationContext {
  readonly settings: Settings;
  readonly nowMs: number;
  /** The caller's tenant as its credential proves it; on the queue nobody proves one. */
  readonly provenTenant?: string;
}

export interface ValidEnvelope {
  readonly envelope: Envelope;
  readonly tenant: string;
  readonly pool: NamedPool;
  readonly maxTokens: number;
  readonly expiresAtMs: number;
}

export type Validation =
  | { readonly ok: true; readonly valid: ValidEnvelope }
  | { readonly ok: false; readonly faults: readonly Fault[] };

export const DEFAULT_TENANT = 'default';

type Sound = Partial<Envelope>;
type Rule = (sound: Sound, context: ValidationContext) => readonly Fault[];

const fault = (pointer: string, code: FaultCode, detail: string): Fault => ({ pointer, code, detail });

const INFERENCE_FIELDS = ['maxTokens', 'temperature', 'topP', 'stopSequences'];

const knownNames: KnownNames = (path) => {
  if (path.length === 0) return ENVELOPE_FIELDS;
  if (path[0] === 'messages') return ['role', 'content'];
  if (path[0] !== 'converse') return [];
  if (path.length === 1) return Object.keys(converseSchema.shape);
  if (path[1] === 'inferenceConfig') return INFERENCE_FIELDS;
  return path[1] === 'messages' ? ['role', 'content', ...CONTENT_BLOCKS] : [];
};

const oneContent: Rule = (sound) => {
  const given = CONTENT_FIELDS.filter((field) => field in sound);
  if (given.length === 0) return [fault('', 'required', `one of ${CONTENT_FIELDS.join(', ')} is needed`)];
  return given
    .slice(1)
    .map((field) =>
      fault(
        `/${field}`,
        'conflicting_fields',
        `\`${field}\` and \`${given[0]}\` exclude each other; keep one`,
      ),
    );
};

const noShortFormBesideConverse: Rule = (sound) =>
  sound.converse === undefined
    ? []
    : SHORT_FORM_OPTIONS.filter((field) => field in sound).map((field) =>
        fault(
          `/${field}`,
          'conflicting_fields',
          `\`${field}\` belongs to the short form; with \`converse\` set it there`,
        ),
      );

const startsWithUser: Rule = (sound) =>
  (['messages', 'converse'] as const).flatMap((field) => {
    const messages = field === 'messages' ? sound.messages : sound.converse?.messages;
    const pointer = field === 'messages' ? '/messages' : '/converse/messages';
    return (messages ?? []).flatMap(({ role }, index) => {
      if (index === 0)
        return role === 'user'
          ? []
          : [fault(`${pointer}/0/role`, 'invalid_value', 'the first message must be the user’s')];
      return role === messages?.[index - 1]?.role
        ? [
            fault(
              `${pointer}/${index}/role`,
              'invalid_value',
              `roles must alternate; \`${role}\` comes twice in a row`,
            ),
          ]
        : [];
    });
  });

const knownModel: Rule = (sound, { settings }) => {
  if (findPool(settings, sound.model) !== undefined) return [];
  const names = poolNames(settings).join(', ');
  if (sound.model === undefined)
    return [fault('/model', 'required', `several pools are configured; name one of ${names}`)];
  const nearest = nearestName(sound.model, callableNames(settings));
  const hint = nearest === undefined ? '' : `; did you mean \`${nearest}\`?`;
  return [
    fault('/model', 'unknown_model', `\`${sound.model}\` is not configured; configured: ${names}${hint}`),
  ];
};

const askedMaxTokens = (sound: Sound): { pointer: string; value: number } | undefined => {
  if (sound.max_tokens !== undefined) return { pointer: '/max_tokens', value: sound.max_tokens };
  const value = sound.converse?.inferenceConfig?.maxTokens;
  return value === undefined ? undefined : { pointer: '/converse/inferenceConfig/maxTokens', value };
};

const allowedMaxTokens: Rule = (sound, { settings }) => {
  const asked = askedMaxTokens(sound);
  const pool = findPool(settings, sound.model);
  if (asked === undefined || pool === undefined || asked.value <= pool.pool.max_max_tokens) return [];
  return [
    fault(
      asked.pointer,
      'max_tokens_too_large',
      `${asked.value} is above the ${pool.pool.max_max_tokens} that \`${pool.name}\` allows`,
    ),
  ];
};

const reachableDeadline: Rule = (sound, { nowMs }) => {
  const both = sound.deadline !== undefined && sound.expires_in_seconds !== undefined;
  if (both)
    return [
      fault(
        '/expires_in_seconds',
        'conflicting_fields',
        '`expires_in_seconds` and `deadline` exclude each other; keep one',
      ),
    ];
  if (sound.deadline === undefined) return [];
  const atMs = Date.parse(sound.deadline);
  if (atMs <= nowMs)
    return [
      fault(
        '/deadline',
        'deadline_unreachable',
        `${sound.deadline} has passed; it is ${new Date(nowMs).toISOString()}`,
      ),
    ];
  return atMs > nowMs + limit('max_age_seconds') * 1000
    ? [fault('/deadline', 'out_of_range', `must be at most ${limit('max_age_seconds')} seconds from now`)]
    : [];
};

const ownTenant: Rule = (sound, { provenTenant }) =>
  sound.tenant === undefined || provenTenant === undefined || sound.tenant === provenTenant
    ? []
    : [fault('/tenant', 'tenant_mismatch', `\`${sound.tenant}\` is not your tenant; leave it out`)];

const isDeeperThan = (levels: number, value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((inner) => isDeeperThan(levels - 1, inner)));

/** All that walks a request is recursive: what is too deep for it must not come in. */
const shallowEnough: Rule = (sound) =>
  Object.entries(sound)
    .filter(([, value]) => isDeeperThan(limit('nesting_levels'), value))
    .map(([field]) =>
      fault(`/${field}`, 'out_of_range', `must be nested at most ${limit('nesting_levels')} levels deep`),
    );

const RULES: readonly Rule[] = [
  shallowEnough,
  oneContent,
  noShortFormBesideConverse,
  startsWithUser,
  knownModel,
  allowedMaxTokens,
  reachableDeadline,
  ownTenant,
];

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

const expiryOf = (envelope: Envelope, nowMs: number): number => {
  if (envelope.deadline !== undefined) return Date.parse(envelope.deadline);
  return nowMs + (envelope.expires_in_seconds ?? limit('max_age_seconds')) * 1000;
};

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
    RULES.flatMap((rule) => rule(sound, context)),
    body,
  );
  const pool = parsed.success ? findPool(context.settings, parsed.data.model) : undefined;
  if (!parsed.success || ruleFaults.length > 0 || pool === undefined)
    return { ok: false, faults: [...schemaFaults, ...ruleFaults] };
  const envelope = parsed.data;
  return {
    ok: true,
    valid: {
      envelope,
      tenant: context.provenTenant ?? envelope.tenant ?? DEFAULT_TENANT,
      pool,
      maxTokens: askedMaxTokens(envelope)?.value ?? pool.pool.default_max_tokens,
      expiresAtMs: expiryOf(envelope, context.nowMs),
    },
  };
};
