import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { targetOf } from '../../cli/api-target.ts';

describe('which API a command talks to', () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'smoother-profiles-'));
    file = join(folder, 'profiles.json');
    writeFileSync(
      file,
      JSON.stringify({
        default: { endpoint: 'https://default.test' },
        work: { endpoint: 'https://work.test', api_key: 'smk_work' },
      }),
    );
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  const env = (more: Readonly<Record<string, string>> = {}) => ({ SMOOTHER_PROFILES: file, ...more });

  it.each([
    ['the local one without a word', {}, { SMOOTHER_PROFILES: '/nowhere' }, 'http://127.0.0.1:8787'],
    ['the default profile', {}, {}, 'https://default.test'],
    ['the profile that is named', { profile: 'work' }, {}, 'https://work.test'],
    ['the profile of the environment', {}, { SMOOTHER_PROFILE: 'work' }, 'https://work.test'],
    ['the environment before the profile', {}, { SMOOTHER_ENDPOINT: 'http://env.test' }, 'http://env.test'],
    [
      'the option before all',
      { endpoint: 'http://option.test' },
      { SMOOTHER_ENDPOINT: 'http://env.test' },
      'http://option.test',
    ],
  ])('is %s', (_, options, variables, endpoint) => {
    expect(targetOf(options, env(variables)).endpoint).toBe(endpoint);
  });

  it('takes the key from the environment before the profile', () => {
    expect(targetOf({ profile: 'work' }, env())).toEqual({
      endpoint: 'https://work.test',
      apiKey: 'smk_work',
    });
    expect(targetOf({ profile: 'work' }, env({ SMOOTHER_API_KEY: 'smk_env' }))).toMatchObject({
      apiKey: 'smk_env',
    });
  });

  it('says which profiles there are', () => {
    expect(() => targetOf({ profile: 'home' }, env())).toThrow(
      `There is no profile home in ${file}; it has: default, work.`,
    );
  });

  it('quotes nothing of a file that is not well', () => {
    writeFileSync(file, '{"default": {"api_key": "smk_secret", "endpoint": 7}}');
    expect(() => targetOf({}, env())).toThrow(/^The profiles in .* must be JSON such as/);
    expect(() => targetOf({}, env())).not.toThrow('smk_secret');
  });

  it('wants a URL', () => {
    expect(() => targetOf({ endpoint: 'api.test' }, env())).toThrow(
      'The endpoint must be an http or https URL, not "api.test".',
    );
  });
});
