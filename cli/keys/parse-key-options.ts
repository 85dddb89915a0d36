import { InvalidArgumentError } from 'commander';
import { UserError } from '../../local/user-error.ts';
import {
  API_KEY_EXPIRY_MS,
  API_KEY_GRACE_MS,
  API_KEY_ID_PATTERN,
  API_KEY_NAME_CHARACTERS,
  API_KEY_PATTERN,
  SCOPE_NAMES,
  type Scope,
} from '../../shared/contract/api-keys.ts';
import { limit } from '../../shared/contract/limits.ts';
import { TENANT_PATTERN } from '../../shared/contract/tenants.ts';

const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

const DAY_MS = 86_400_000;

const parseDuration = (text: string, mostMs: number, least: string): number => {
  const [, count = '', unit = ''] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  const durationMs = Number(count) * (UNIT_MS[unit] ?? Number.NaN);
  if (durationMs >= 0 && durationMs <= mostMs && (durationMs > 0 || least === '0m')) return durationMs;
  throw new InvalidArgumentError(
    `It must be a time such as 90d, 12h or 30m, from ${least} to ${mostMs / DAY_MS}d.`,
  );
};

/** Null: never. */
export const parseLifetime = (text: string): number | null =>
  text === 'never' ? null : parseDuration(text, API_KEY_EXPIRY_MS.most, '1m');

export const parseGrace = (text: string): number => parseDuration(text, API_KEY_GRACE_MS.most, '0m');

export const parseScopes = (text: string): readonly Scope[] => {
  const named = text.split(',').map((scope) => scope.trim());
  const known = SCOPE_NAMES.filter((scope) => named.includes(scope));
  if (named.every((scope) => known.some((name) => name === scope))) return known;
  throw new InvalidArgumentError(`It must be one or more of ${SCOPE_NAMES.join(', ')}, with commas between.`);
};

export const parseTenant = (text: string): string => {
  if (TENANT_PATTERN.test(text) && text.length <= limit('tenant_characters')) return text;
  throw new InvalidArgumentError(
    `It must be 1-${limit('tenant_characters')} letters, digits, "_", "." and "-" that begin with a letter or digit.`,
  );
};

export const parseName = (text: string): string => {
  // Whoever looks at the list looks at a terminal.
  if (text.length <= API_KEY_NAME_CHARACTERS && !/\p{Cc}/u.test(text)) return text;
  throw new InvalidArgumentError(`It must be one line of at most ${API_KEY_NAME_CHARACTERS} characters.`);
};

export const parseCloud = (text: string): string => {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw new InvalidArgumentError('It must be a URL such as http://127.0.0.1:4566.');
};

/** By its id, or by all of it where a leaked one is at hand; what is neither is not repeated: it may be half a key. */
export const keyIdOf = (text: string): string => {
  const id = API_KEY_PATTERN.exec(text)?.[0].split('_')[1] ?? text;
  if (API_KEY_ID_PATTERN.test(id)) return id;
  throw new UserError(
    'A key is named by its id: the 12 characters after "smk_", as `smoother keys list` shows them.',
  );
};
