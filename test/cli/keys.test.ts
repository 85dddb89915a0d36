import { createPalette } from '../../cli/colour.ts';
import {
  keyIdOf,
  parseCloud,
  parseGrace,
  parseLifetime,
  parseName,
  parseScopes,
  parseTenant,
} from '../../cli/keys/parse-key-options.ts';
import { KEY_COLUMNS, toKeyView } from '../../cli/keys/render-keys.ts';
import { renderRows } from '../../cli/output.ts';
import { toLocalAccess } from '../../cli/read-settings.ts';
import type { ApiKey } from '../../shared/contract/api-keys.ts';
import { settingsOf } from '../fakes/world.ts';

const KEY = 'smk_000g40r40m30_000g40r40m30e209185gr38e1w8124gk2gahc5rr34d1p70x3rfj_6v4r8c0';

describe('the options of keys', () => {
  it.each([
    ['90d', 7_776_000_000],
    ['12h', 43_200_000],
    ['30m', 1_800_000],
    ['3650d', 315_360_000_000],
    ['never', null],
  ])('a life of %s', (text, durationMs) => {
    expect(parseLifetime(text)).toBe(durationMs);
  });

  it.each(['', '0d', '90', 'd', '-1d', '1.5d', '3651d', '9999999m', 'Never'])('no life of %j', (text) => {
    expect(() => parseLifetime(text)).toThrow('It must be a time such as 90d, 12h or 30m, from 1m to 3650d.');
  });

  it('a grace may be none, and is 90 days at most', () => {
    expect(parseGrace('0m')).toBe(0);
    expect(() => parseGrace('91d')).toThrow('from 0m to 90d');
    expect(() => parseGrace('never')).toThrow('It must be a time');
  });

  it('scopes come in one order, each once', () => {
    expect(parseScopes('read, submit,read')).toEqual(['submit', 'read']);
  });

  it.each(['', 'write', 'read,', 'read;submit', 'toString'])('no scopes of %j', (text) => {
    expect(() => parseScopes(text)).toThrow('It must be one or more of submit, read, cancel, admin');
  });

  it.each(['', '-x', 'a/b', 'a'.repeat(65), 'a#b', '*'])('no tenant %j', (text) => {
    expect(() => parseTenant(text)).toThrow('It must be 1-64 letters');
  });

  it('a name is one line, which moves no cursor', () => {
    expect(parseName('the build of Åsa')).toBe('the build of Åsa');
    expect(() => parseName('a\nb')).toThrow('one line');
    expect(() => parseName('\u001b[2J')).toThrow('one line');
    expect(() => parseName('x'.repeat(101))).toThrow('100 characters');
  });

  it('a key is named by its id, or by all of it', () => {
    expect(keyIdOf('000g40r40m30')).toBe('000g40r40m30');
    expect(keyIdOf(KEY)).toBe('000g40r40m30');
  });

  it.each(['', 'x', KEY.slice(0, -1), KEY.slice(4), '000G40R40M30'])(
    '%j names none, and is not repeated',
    (text) => {
      expect(() => keyIdOf(text)).toThrow(/^A key is named by its id: the 12 characters after "smk_"/);
      expect(() => keyIdOf(text)).not.toThrow('000g40r40m30');
    },
  );

  it.each(['foo', 'ftp://x', 'file:///etc/passwd', ''])('no cloud %j', (text) => {
    expect(() => parseCloud(text)).toThrow('It must be a URL');
  });
});

describe('keys that are shown', () => {
  const NOW_MS = Date.UTC(2026, 0, 31, 12);
  const key: ApiKey = {
    id: '000g40r40m30',
    name: 'ci',
    tenant: 'alpha',
    scopes: ['submit', 'read'],
    hash: 'aa'.repeat(32),
    createdAtMs: NOW_MS - 1_000,
    expiresAtMs: NOW_MS + 1_000,
  };

  it('have no hash', () => {
    expect(toKeyView(key, NOW_MS)).toEqual({
      id: '000g40r40m30',
      state: 'valid',
      tenant: 'alpha',
      scopes: ['submit', 'read'],
      name: 'ci',
      created_at: '2026-01-31T11:59:59.000Z',
      expires_at: '2026-01-31T12:00:01.000Z',
      revoked_at: null,
      replaced_by: null,
    });
  });

  it('stand in a table', () => {
    const others = [
      { ...key, id: '111g40r40m30', expiresAtMs: null, name: '' },
      { ...key, revokedAtMs: NOW_MS, scopes: ['admin'] as const },
    ];
    const views = [key, ...others].map((one) => toKeyView(one, NOW_MS + 1_000));
    const palette = createPalette(false);
    expect(renderRows(views, KEY_COLUMNS, { isTerminal: true, palette })).toBe(
      [
        'id            state    tenant  scopes       expires                   name',
        '000g40r40m30  expired  alpha   submit,read  2026-01-31T12:00:01.000Z  ci',
        '111g40r40m30  valid    alpha   submit,read  never',
        '000g40r40m30  revoked  alpha   admin        2026-01-31T12:00:01.000Z  ci',
      ].join('\n'),
    );
  });
});

describe('a local run', () => {
  const jwt = { issuer: 'https://issuer.example.com', audience: ['a'] };

  it.each([
    [{}, false, 'none'],
    [{ api_authorization: 'iam' }, false, 'none'],
    [{ api_authorization: 'jwt', jwt }, false, 'none'],
    [{ api_authorization: 'api_key' }, false, 'api_key'],
    [{}, true, 'api_key'],
    [{ api_authorization: 'jwt', jwt }, true, 'api_key'],
  ])('of %j, where keys are asked for: %s, goes by %s', (context, requireKeys, by) => {
    const settings = toLocalAccess(settingsOf(context), requireKeys);
    expect(settings.api_authorization).toBe(by);
    // The functions read them once more.
    expect(settingsOf({ ...settings })).toMatchObject({ api_authorization: by });
  });
});
