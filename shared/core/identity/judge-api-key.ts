import { timingSafeEqual } from 'node:crypto';
import type { ApiKey } from '../../contract/api-keys.ts';
import type { Caller } from './caller.ts';

export type KeyJudgement =
  | { readonly kind: 'valid'; readonly caller: Caller }
  | { readonly kind: 'invalid'; readonly detail: string };

/** Whether there is no such key, or its secret is another, nobody is told. */
const NOT_VALID = 'The API key is not valid.';

const isSame = (one: string, other: string): boolean => {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
};

const at = (timeMs: number): string => new Date(timeMs).toISOString();

/** What is wrong with a key is told only to whoever has it. */
export const judgeApiKey = (
  shown: { readonly hash: string },
  key: ApiKey | undefined,
  nowMs: number,
): KeyJudgement => {
  if (key === undefined || !isSame(shown.hash, key.hash)) return { kind: 'invalid', detail: NOT_VALID };
  if (key.revokedAtMs !== undefined && key.revokedAtMs <= nowMs)
    return { kind: 'invalid', detail: `The API key ${key.id} was revoked at ${at(key.revokedAtMs)}.` };
  if (key.expiresAtMs !== null && key.expiresAtMs <= nowMs)
    return { kind: 'invalid', detail: `The API key ${key.id} expired at ${at(key.expiresAtMs)}.` };
  const { tenant, scopes, id } = key;
  return { kind: 'valid', caller: { tenant, scopes, keyId: id } };
};
