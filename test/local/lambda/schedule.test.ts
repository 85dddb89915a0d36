import { startSchedule } from '../../../local/lambda/schedule.ts';
import type { Timers } from '../../../local/lambda/timers.ts';
import { settled, VirtualTimers } from './virtual-timers.ts';

function countTicks(everySeconds: number, timers = new VirtualTimers()) {
  const ticksAtMs: number[] = [];
  const schedule = startSchedule(
    {
      everySeconds,
      callback: () => {
        ticksAtMs.push(timers.monotonicMs());
      },
    },
    timers,
  );
  return { ticksAtMs, schedule, timers };
}

it('ticks at once and then every N seconds', async () => {
  const { ticksAtMs, timers } = countTicks(60);
  expect(ticksAtMs).toEqual([0]);
  await timers.advance(59_999);
  expect(ticksAtMs).toEqual([0]);
  await timers.advance(60_001);
  expect(ticksAtMs).toEqual([0, 60_000, 120_000]);
});

it('stops ticking', async () => {
  const { ticksAtMs, schedule, timers } = countTicks(60);
  await schedule.stop();
  await timers.advance(600_000);
  expect(ticksAtMs).toEqual([0]);
  expect(timers.pending).toBe(0);
});

it('stays on its beat and does not make up for what it slept through', () => {
  const alarms: { delayMs: number; callback: () => void }[] = [];
  let nowMs = 0;
  const timers: Timers = {
    monotonicMs: () => nowMs,
    after: (delayMs, callback) => {
      alarms.push({ delayMs, callback });
      return () => {};
    },
  };
  startSchedule({ everySeconds: 60, callback: () => {} }, timers);
  for (const firedAtMs of [60_003, 119_999.5, 400_000]) {
    nowMs = firedAtMs;
    alarms.at(-1)?.callback();
  }
  expect(alarms.map((alarm) => alarm.delayMs)).toEqual([60_000, 59_997, 60_000.5, 20_000]);
});

it('neither waits for a slow callback nor is ended by a failing one', async () => {
  const timers = new VirtualTimers();
  const errors: unknown[] = [];
  const finishers: (() => void)[] = [];
  let calls = 0;
  const schedule = startSchedule(
    {
      everySeconds: 1,
      callback: () => {
        calls += 1;
        if (calls === 2) throw new Error('boom');
        return new Promise((resolve) => finishers.push(resolve));
      },
      onError: (error) => errors.push(error),
    },
    timers,
  );
  await timers.advance(2_000);
  expect(calls).toBe(3);
  expect(errors).toEqual([new Error('boom')]);

  let stopped = false;
  const stopping = schedule.stop().then(() => {
    stopped = true;
  });
  await settled();
  expect(stopped).toBe(false);
  for (const finish of finishers) finish();
  await stopping;
});

it.each([0, -1, 86_401, Number.NaN])('refuses every %p seconds', (everySeconds) => {
  expect(() => startSchedule({ everySeconds, callback: () => {} })).toThrow(
    `everySeconds is ${everySeconds}, but must be from 1 to 86400`,
  );
});
