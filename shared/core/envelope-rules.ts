import { CONTENT_FIELDS, type Envelope, SHORT_FORM_OPTIONS } from '../contract/envelope.ts';
import type { FaultCode } from '../contract/error-codes.ts';
import { limit } from '../contract/limits.ts';
import { nearestName } from '../contract/nearest-name.ts';
import type { Fault } from '../contract/problem.ts';
import type { Settings } from '../contract/settings.ts';
import { DEFAULT_TENANT, tenantSettingsOf } from '../contract/tenants.ts';
import { callbackFault } from './events/callback-fault.ts';
import { invokeMaxTokens } from './invoke-max-tokens.ts';
import { ownObjectFaults } from './own-objects.ts';
import { callableNames, findPool, poolNames } from './pool-names.ts';

export interface ValidationContext {
  readonly settings: Settings;
  readonly nowMs: number;
  /** The caller's tenant as its credential proves it; on the queue nobody proves one. */
  readonly provenTenant?: string;
}

/** The fields of a body that its schema finds nothing wrong with. */
export type Sound = Partial<Envelope>;
type Rule = (sound: Sound, context: ValidationContext) => readonly Fault[];

export const fault = (pointer: string, code: FaultCode, detail: string): Fault => ({ pointer, code, detail });

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

/** `max_tokens` may stand beside a body that names none: it says what to reserve. */
const noShortFormBesideInvokeModel: Rule = ({ invoke_model, ...sound }) => {
  if (invoke_model === undefined) return [];
  const hasOwn = invokeMaxTokens(invoke_model) !== undefined;
  return SHORT_FORM_OPTIONS.filter((field) => field in sound && (field !== 'max_tokens' || hasOwn)).map(
    (field) =>
      fault(
        `/${field}`,
        'conflicting_fields',
        `\`${field}\` belongs to the short form; with \`invoke_model\` set it there, in the model’s own words`,
      ),
  );
};

const namesModelOfBody: Rule = (sound) =>
  sound.invoke_model === undefined || sound.model !== undefined
    ? []
    : [fault('/model', 'required', 'the body in `invoke_model` is written for one model; name it')];

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

export const askedMaxTokens = (sound: Sound): { pointer: string; value: number } | undefined => {
  if (sound.max_tokens !== undefined) return { pointer: '/max_tokens', value: sound.max_tokens };
  const inBody = sound.invoke_model === undefined ? undefined : invokeMaxTokens(sound.invoke_model);
  if (inBody !== undefined) return { pointer: `/invoke_model/${inBody.path.join('/')}`, value: inBody.value };
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

/** When a request may start that says so, and when it ends at the latest. */
export const timesOf = (sound: Sound, nowMs: number) => ({
  notBeforeMs: sound.not_before === undefined ? undefined : Date.parse(sound.not_before),
  expiresAtMs:
    sound.deadline === undefined
      ? nowMs + (sound.expires_in_seconds ?? limit('max_age_seconds')) * 1000
      : Date.parse(sound.deadline),
});

/** One that has passed is no fault: it keeps nothing from running, and a replay may come late. */
const reachableStart: Rule = (sound, { nowMs }) => {
  const { notBeforeMs, expiresAtMs } = timesOf(sound, nowMs);
  if (notBeforeMs === undefined) return [];
  if (notBeforeMs > nowMs + limit('not_before_seconds') * 1000)
    return [
      fault('/not_before', 'out_of_range', `must be at most ${limit('not_before_seconds')} seconds from now`),
    ];
  return notBeforeMs >= expiresAtMs && expiresAtMs > nowMs
    ? [
        fault(
          '/not_before',
          'out_of_range',
          `must be before the request expires, which it does at ${new Date(expiresAtMs).toISOString()}`,
        ),
      ]
    : [];
};

const ownTenant: Rule = (sound, { provenTenant }) =>
  sound.tenant === undefined || provenTenant === undefined || sound.tenant === provenTenant
    ? []
    : [fault('/tenant', 'tenant_mismatch', `\`${sound.tenant}\` is not your tenant; leave it out`)];

const cacheTurnedOn: Rule = (sound, { settings, provenTenant }) => {
  const tenant = provenTenant ?? sound.tenant ?? DEFAULT_TENANT;
  const isOff = tenantSettingsOf(settings, tenant).cache_seconds === undefined;
  return isOff && (sound.cache_seconds ?? 0) > 0
    ? [
        fault(
          '/cache_seconds',
          'invalid_value',
          `must be 0 or left out: the tenant \`${tenant}\` has no cache turned on`,
        ),
      ]
    : [];
};

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

/** What is wrong with the address that is to be told of an end; nothing where there is none. */
export const callbackFaults = (
  url: string | undefined,
  { webhooks }: Pick<Settings, 'webhooks'>,
): readonly Fault[] => {
  if (url === undefined) return [];
  const detail =
    webhooks === 'off'
      ? 'is not allowed while the setting `webhooks` is `off`; leave it out, or poll'
      : callbackFault(url, { allowsLoopback: webhooks === 'loopback' });
  return detail === undefined ? [] : [fault('/callback_url', 'invalid_value', detail)];
};

const allowedCallback: Rule = ({ callback_url }, { settings }) => callbackFaults(callback_url, settings);

/** What a schema cannot say: rules between fields, and against the settings and the time. */
export const ENVELOPE_RULES: readonly Rule[] = [
  shallowEnough,
  ownObjectFaults,
  oneContent,
  noShortFormBesideConverse,
  noShortFormBesideInvokeModel,
  namesModelOfBody,
  startsWithUser,
  knownModel,
  allowedMaxTokens,
  reachableDeadline,
  reachableStart,
  ownTenant,
  cacheTurnedOn,
  allowedCallback,
];
