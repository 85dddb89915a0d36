import { limit } from '../contract/limits.ts';
import type { Settings } from '../contract/settings.ts';
import { DEFAULT_TENANT, TENANT_PATTERN } from '../contract/tenants.ts';
import { parseApiKeyText } from '../core/identity/api-key-text.ts';
import { type Caller, fullCaller } from '../core/identity/caller.ts';
import { judgeApiKey } from '../core/identity/judge-api-key.ts';
import { namesAny, tenantOfArn } from '../core/identity/tenant-of.ts';
import type { ApiKeyReader } from '../ports/api-key-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { Telemetry } from '../ports/telemetry.ts';

/** What comes with a call: what its sender shows, and what the gateway has checked and tells. */
export interface Credentials {
  /** Where API keys are shown; the same one may stand in two places. */
  readonly shown: readonly string[];
  /** Who signed the call. */
  readonly arn?: string;
  /** Of its token. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

export type Identified =
  | { readonly kind: 'caller'; readonly caller: Caller }
  | {
      readonly kind: 'refused';
      readonly code: 'unauthenticated' | 'unknown_tenant' | 'temporarily_unavailable';
      readonly detail: string;
    };

export interface IdentifyDeps {
  readonly settings: Settings;
  readonly apiKeys: ApiKeyReader;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly telemetry: Telemetry;
}

type Refusal = Extract<Identified, { kind: 'refused' }>;

const refuse = (code: Refusal['code'], detail: string): Refusal => ({ kind: 'refused', code, detail });

const callerOf = (tenant: string): Identified => ({ kind: 'caller', caller: fullCaller(tenant) });

const MISTYPED =
  'What came as API key is not a whole one: its last characters, which check the others, do not fit. Copy it again.';
const NO_KEY = 'No API key came with the request: send one as `Authorization: Bearer …` or `x-api-key`.';

const byKey = async (shown: string, deps: IdentifyDeps): Promise<Identified> => {
  const parsed = parseApiKeyText(shown);
  if (parsed.kind === 'no_key') return refuse('unauthenticated', 'What came as API key is none.');
  if (parsed.kind === 'mistyped') return refuse('unauthenticated', MISTYPED);
  try {
    const judged = judgeApiKey(parsed, await deps.apiKeys.read(parsed.id), deps.clock.nowMs());
    return judged.kind === 'valid'
      ? { kind: 'caller', caller: judged.caller }
      : refuse('unauthenticated', judged.detail);
  } catch (error) {
    deps.telemetry.log('warn', 'api_keys_not_read', { error: String(error) });
    return refuse('temporarily_unavailable', 'The API key could not be looked up; nothing was done.');
  }
};

const byShown = async ({ shown }: Credentials, deps: IdentifyDeps): Promise<Identified> => {
  const [one, ...others] = [...new Set(shown)];
  if (one === undefined) return refuse('unauthenticated', NO_KEY);
  return others.length === 0
    ? byKey(one, deps)
    : refuse('unauthenticated', 'Two different API keys came with the request; send one.');
};

/** Nobody has to show a key, but a key that is shown counts. What SDKs send in its place is let pass. */
const byKeyIfAny = async ({ shown }: Credentials, deps: IdentifyDeps): Promise<Identified> => {
  const keys = shown.filter((text) => parseApiKeyText(text).kind !== 'no_key');
  return keys.length === 0 ? callerOf(DEFAULT_TENANT) : byShown({ shown: keys }, deps);
};

const bySignature = ({ arn }: Credentials, { settings: { tenants } }: IdentifyDeps): Identified => {
  if (!namesAny(tenants, 'principals')) return callerOf(DEFAULT_TENANT);
  const tenant = arn === undefined ? undefined : tenantOfArn(tenants, arn);
  return tenant === undefined
    ? refuse('unknown_tenant', `${arn ?? 'Who signs with nothing'} is in \`principals\` of no tenant.`)
    : callerOf(tenant);
};

const isTenant = (claim: unknown): claim is string =>
  typeof claim === 'string' && TENANT_PATTERN.test(claim) && claim.length <= limit('tenant_characters');

const byToken = ({ claims = {} }: Credentials, { settings: { jwt } }: IdentifyDeps): Identified => {
  const name = jwt?.tenant_claim;
  if (name === undefined) return callerOf(DEFAULT_TENANT);
  const claim = Object.hasOwn(claims, name) ? claims[name] : undefined;
  return isTenant(claim)
    ? callerOf(claim)
    : refuse('unknown_tenant', `The claim \`${name}\` of the token is missing, or names no tenant.`);
};

/** Who calls: the one place that decides it. */
export const createIdentifyCaller =
  (deps: IdentifyDeps) =>
  async (credentials: Credentials): Promise<Identified> => {
    switch (deps.settings.api_authorization) {
      case 'iam':
        return bySignature(credentials, deps);
      case 'jwt':
        return byToken(credentials, deps);
      case 'api_key':
        return byShown(credentials, deps);
      case 'none':
        return byKeyIfAny(credentials, deps);
    }
  };
