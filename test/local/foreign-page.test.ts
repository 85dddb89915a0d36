import { comesFromForeignPage, refusalOfCaller } from '../../local/foreign-page.ts';

it.each([
  ['127.0.0.1:4566', undefined],
  ['127.0.0.1', undefined],
  ['localhost:8788', undefined],
  ['LOCALHOST', undefined],
  ['[::1]:8788', undefined],
  ['127.0.0.1:8788', 'http://127.0.0.1:8787'],
  ['127.0.0.1:8788', 'https://localhost:3000'],
  ['127.0.0.1:8788', 'http://[::1]'],
])('lets a caller of %s from origin %s in', (host, origin) => {
  expect(refusalOfCaller({ host, origin })).toBeUndefined();
});

it.each([
  ['evil.example:8788', 'Only this machine may ask: use http://127.0.0.1, got the host "evil.example:8788".'],
  ['127.0.0.1.evil.example', expect.stringContaining('got the host "127.0.0.1.evil.example"')],
  ['evil-localhost', expect.stringContaining('Only this machine')],
  ['localhost:8788:1', expect.stringContaining('Only this machine')],
  ['localhost\n', expect.stringContaining('Only this machine')],
  ['', expect.stringContaining('got the host ""')],
  [undefined, expect.stringContaining('got the host ""')],
  ['x'.repeat(5000), expect.stringMatching(/^.{1,200}$/)],
])('refuses a caller of the host %j', (host, refusal) => {
  expect(refusalOfCaller({ host, origin: undefined })).toEqual(refusal);
});

it.each([
  'http://evil.example',
  'http://127.0.0.1.evil.example',
  'http://localhost@evil.example',
  'null',
  '',
  'http://localhost, http://evil.example',
])('takes the origin %j for a page of another site', (origin) => {
  expect(comesFromForeignPage({ host: 'localhost', origin })).toBe(true);
  expect(refusalOfCaller({ host: 'localhost', origin })).toMatch(/^Only pages of this machine may ask/);
});

it.each([
  '127.0.0.1:8788',
  '192.168.1.5',
  '[::1]:8788',
  '[fe80::1]',
  'localhost:1',
  'bedrock-sim:8788',
  'host.docker.internal:8788',
  'api.localhost',
  'sim.example.test',
  '',
  undefined,
])('takes the host %j for a name of this machine', (host) => {
  expect(comesFromForeignPage({ host, origin: undefined })).toBe(false);
});

it.each([
  'evil.example',
  'evil.com:8788',
  '127.0.0.1.evil.com',
  'localhost.evil.com',
  'internal.evil.com',
  'evil.com.',
  'a b',
])('takes a request to the host %j for one of a page of another site', (host) => {
  expect(comesFromForeignPage({ host, origin: undefined })).toBe(true);
});
