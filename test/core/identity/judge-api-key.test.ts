import type { ApiKey } from '../../../shared/contract/api-keys.ts';
import { judgeApiKey } from '../../../shared/core/identity/judge-api-key.ts';

const NOW_MS = Date.UTC(2026, 0, 31, 12);
const KEY: ApiKey = {
  id: '000g40r40m30',
  name: 'ci',
  tenant: 'alpha',
  scopes: ['submit'],
  hash: 'aa'.repeat(32),
  createdAtMs: 0,
  expiresAtMs: null,
};

describe('an API key that is shown', () => {
  it('proves its tenant and what it is good for', () => {
    expect(judgeApiKey({ hash: KEY.hash }, KEY, NOW_MS)).toEqual({
      kind: 'valid',
      caller: { tenant: 'alpha', scopes: ['submit'], keyId: '000g40r40m30' },
    });
  });

  it.each([
    ['is unknown', undefined, KEY.hash],
    ['has another secret', KEY, 'ab'.repeat(32)],
    ['has a shorter hash', KEY, 'aa'],
    ['has no hash', { ...KEY, hash: '' }, 'aa'],
    ['has another secret and was revoked', { ...KEY, revokedAtMs: 1 }, 'ab'.repeat(32)],
  ])('proves nothing when it %s, and which it is nobody is told', (_, key, hash) => {
    expect(judgeApiKey({ hash }, key, NOW_MS)).toEqual({
      kind: 'invalid',
      detail: 'The API key is not valid.',
    });
  });

  it.each([
    [{ revokedAtMs: NOW_MS }, 'The API key 000g40r40m30 was revoked at 2026-01-31T12:00:00.000Z.'],
    [{ expiresAtMs: NOW_MS }, 'The API key 000g40r40m30 expired at 2026-01-31T12:00:00.000Z.'],
  ])('proves nothing any more with %j', (ended, detail) => {
    expect(judgeApiKey({ hash: KEY.hash }, { ...KEY, ...ended }, NOW_MS)).toEqual({
      kind: 'invalid',
      detail,
    });
    expect(judgeApiKey({ hash: KEY.hash }, { ...KEY, ...ended }, NOW_MS - 1).kind).toBe('valid');
  });
});
