import { callbackFault, mayCall } from '../../../shared/core/events/callback-fault.ts';
import { judgeDelivery } from '../../../shared/core/events/judge-delivery.ts';
import { isPublicAddress } from '../../../shared/core/events/public-address.ts';
import { createWebhookSecret, signWebhook } from '../../../shared/core/events/sign-webhook.ts';

describe('an address on the internet', () => {
  it.each(['8.8.8.8', '1.1.1.1', '172.15.255.255', '172.32.0.1', '100.63.255.255', '2606:4700::1111'])(
    'is %s',
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );

  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '127.255.255.254',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:8.8.8.8',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::127.0.0.1',
    '64:ff9b::7f00:1',
    '64:ff9b:1::1',
    '2001:0:53aa:64c::1',
    '2001:db8::1',
    '2002:7f00:1::',
    'fc00::1',
    'fd00:ec2::254',
    'fe80::1',
    'fe80::1%eth0',
    '2606:4700::1111%eth0',
    'ff02::1',
    '',
    'example.com',
    '0177.0.0.1',
  ])('is not %s', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});

describe('a callback address', () => {
  const deployed = { allowsLoopback: false };
  const local = { allowsLoopback: true };

  it.each([
    'https://hooks.example.com/done?key=1',
    'https://hooks.example.com:8443/',
    'https://8.8.8.8/hook',
    'https://[2606:4700::1111]/hook',
  ])('may be %s', (url) => {
    expect(callbackFault(url, deployed)).toBeUndefined();
  });

  it.each([
    ['hooks.example.com/done', 'must be an absolute URL such as https://hooks.example.com/done'],
    ['http://hooks.example.com/', 'must begin with https://, not http:'],
    ['file:///etc/passwd', 'must begin with https://, not file:'],
    ['https://user:secret@hooks.example.com/', 'must not hold a user or a password'],
    ['https://localhost/', 'must name a host of the internet, such as hooks.example.com'],
    ['https://localhost./', 'must name a host of the internet, such as hooks.example.com'],
    ['https://intranet/', 'must name a host of the internet, such as hooks.example.com'],
    ['https://db.internal/', 'must name a host of the internet, such as hooks.example.com'],
    ['https://127.0.0.1/', 'must not be a private or local address'],
    ['https://2130706433/', 'must not be a private or local address'],
    ['https://0x7f.1/', 'must not be a private or local address'],
    ['https://0177.0.0.1/', 'must not be a private or local address'],
    ['https://169.254.169.254/latest/meta-data', 'must not be a private or local address'],
    ['https://[::1]/', 'must not be a private or local address'],
    ['https://[::ffff:10.0.0.1]/', 'must not be a private or local address'],
    ['http://127.0.0.1:9001/', 'must begin with https://, not http:'],
  ])('may not be %s', (url, detail) => {
    expect(callbackFault(url, deployed)).toBe(detail);
  });

  it('may be a program on the same machine in the local run only, and nothing else of its network', () => {
    expect(callbackFault('http://127.0.0.1:9000/hook', local)).toBeUndefined();
    expect(callbackFault('http://localhost:9000/hook', local)).toBeUndefined();
    expect(callbackFault('http://192.168.1.1/hook', local)).toBe('must begin with https://, not http:');
    expect(callbackFault('https://192.168.1.1/hook', local)).toBe('must not be a private or local address');
    expect(mayCall('127.0.0.1', 'hooks.example.com', local)).toBe(false);
    expect(mayCall('127.0.0.1', 'localhost', local)).toBe(true);
    expect(mayCall('127.0.0.1', 'localhost', deployed)).toBe(false);
  });
});

describe('the signature of a webhook', () => {
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const message = {
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    atMs: 1_614_265_330_999,
    body: '{"test": 2432232314}',
  };

  it('is that of the specification’s own example', () => {
    expect(signWebhook(message, [secret])).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it('is there for each secret while one takes the place of another', () => {
    const made = createWebhookSecret(() => new Uint8Array(32).fill(7));
    expect(made).toBe('whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=');
    const both = signWebhook(message, [made, secret])['webhook-signature']?.split(' ');
    expect(both).toHaveLength(2);
    expect(both?.[1]).toBe(signWebhook(message, [secret])['webhook-signature']);
  });
});

describe('what came of an attempt', () => {
  const nowMs = Date.parse('2026-01-31T12:00:00Z');
  const attempt = (attempts: number, random = 0.5) => ({ attempts, nowMs, random: () => random });
  const status = (statusCode: number, retryAfter?: string) =>
    ({ kind: 'answered', statusCode, retryAfter }) as const;

  it.each([200, 201, 204, 299])('is success with %i', (code) => {
    expect(judgeDelivery(status(code), attempt(1))).toEqual({ kind: 'delivered' });
  });

  it.each([101, 199, 300, 301, 302, 307, 308, 400, 401, 404, 429, 500, 502, 504])(
    'is tried again with %i',
    (code) => {
      expect(judgeDelivery(status(code), attempt(1))).toEqual({
        kind: 'again',
        fault: 'bad_status',
        waitSeconds: 5,
      });
    },
  );

  it('is the end with 410, and with an address that may not be called', () => {
    expect(judgeDelivery(status(410), attempt(1))).toEqual({ kind: 'failed', fault: 'gone' });
    expect(judgeDelivery({ kind: 'not_answered', fault: 'refused_address' }, attempt(1))).toEqual({
      kind: 'failed',
      fault: 'refused_address',
    });
  });

  const waitAfter = (attempts: number, random: number): number => {
    const verdict = judgeDelivery({ kind: 'not_answered', fault: 'timed_out' }, attempt(attempts, random));
    return verdict.kind === 'again' ? verdict.waitSeconds : 0;
  };

  it('waits longer each time, over a little more than a day, and then gives up', () => {
    const waits = Array.from({ length: 12 }, (_, index) => waitAfter(index + 1, 0.5));
    expect(waits).toEqual([5, 30, 120, 600, 1800, 3600, 7200, 14_400, 21_600, 21_600, 21_600, 0]);
    expect([waitAfter(4, 0), waitAfter(4, 0.999)]).toEqual([480, 720]);
  });

  it.each([
    ['120', 120],
    ['1', 5],
    ['Sat, 31 Jan 2026 12:02:00 GMT', 120],
    ['Sat, 31 Jan 2026 11:00:00 GMT', 5],
    ['999999999', 21_600],
    ['-5', 5],
    ['soon', 5],
  ])('waits at least as long as `Retry-After: %s` asks', (retryAfter, waitSeconds) => {
    expect(judgeDelivery(status(429, retryAfter), attempt(1))).toEqual({
      kind: 'again',
      fault: 'bad_status',
      waitSeconds,
    });
  });
});
