import { type ChildProcess, restartDelayMs, type Supervised, supervise } from '../../local/supervise.ts';
import { settled, VirtualTimers } from './lambda/virtual-timers.ts';

interface Fake extends ChildProcess {
  end(reason: string): void;
}

const createFake = (pid: number): Fake => {
  let end: (reason: string) => void = () => {};
  const ended = new Promise<string>((resolve) => {
    end = resolve;
  });
  return { pid, ended, end: (reason) => end(reason), stop: async () => end('stopped') };
};

describe('a supervised process', () => {
  let timers: VirtualTimers;
  let children: Fake[];
  let said: string[];
  let failures: number;
  let supervised: Supervised<Fake>;

  beforeEach(async () => {
    timers = new VirtualTimers();
    children = [];
    said = [];
    failures = 0;
    supervised = await supervise<Fake>(
      {
        role: 'query',
        start: async () => {
          if (failures > 0) {
            failures -= 1;
            throw new Error('no memory');
          }
          const child = createFake(100 + children.length);
          children.push(child);
          return child;
        },
        onStarted: () => {},
        say: (sentence) => said.push(sentence),
      },
      timers,
    );
  });

  const endLast = async (reason: string): Promise<void> => {
    children.at(-1)?.end(reason);
    await settled();
  };

  test('is started again after a moment, and says so', async () => {
    await endLast('SIGKILL');
    expect(said).toEqual(['the query process 100 ended by itself (SIGKILL); it is started again.']);
    await timers.advance(249);
    expect(children).toHaveLength(1);
    await timers.advance(1);
    expect(children).toHaveLength(2);
  });

  test('is waited for while it is away', async () => {
    await endLast('SIGKILL');
    const next = supervised.running();
    await timers.advance(250);
    expect((await next).pid).toBe(101);
  });

  test('pauses longer each time it dies young, and shortly again once it lived', async () => {
    await endLast('SIGKILL');
    await timers.advance(250);
    await endLast('SIGKILL');
    await timers.advance(499);
    expect(children).toHaveLength(2);
    await timers.advance(1);
    expect(children).toHaveLength(3);
    await timers.advance(10_000);
    await endLast('SIGKILL');
    await timers.advance(250);
    expect(children).toHaveLength(4);
  });

  test('is tried again when it cannot be started', async () => {
    failures = 2;
    await endLast('SIGKILL');
    await timers.advance(250 + 500 + 1000);
    expect(said.slice(1)).toEqual([
      'the query process did not start: no memory',
      'the query process did not start: no memory',
    ]);
    expect(children).toHaveLength(2);
  });

  test('is not started again once it is stopped', async () => {
    await supervised.stop();
    await timers.advance(60_000);
    expect(children).toHaveLength(1);
    expect(said).toEqual([]);
  });

  test('can be stopped while it is away', async () => {
    await endLast('SIGKILL');
    await supervised.stop();
    await timers.advance(60_000);
    expect(children).toHaveLength(1);
    await expect(supervised.running()).rejects.toThrow('the query process has been stopped');
  });

  test('throws what its first start threw', async () => {
    const start = async (): Promise<Fake> => {
      throw new Error('port taken');
    };
    const supervising = supervise<Fake>({ role: 'cloud', start, onStarted: () => {}, say: () => {} }, timers);
    await expect(supervising).rejects.toThrow('port taken');
  });
});

test.each([
  [0, 250],
  [1, 500],
  [4, 4000],
  [5, 5000],
  [50, 5000],
])('after %i failures in a row the pause is %i ms', (failures, expectedMs) => {
  expect(restartDelayMs(failures)).toBe(expectedMs);
});
