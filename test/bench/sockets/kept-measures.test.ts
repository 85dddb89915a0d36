import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keepMeasures, type SocketCase } from './kept-measures.ts';
import type { SocketMeasured } from './measure-sockets.ts';

const steady: SocketCase = {
  setting: { perMinute: 600, mix: 'steady', seconds: 90 },
  seed: 'a',
  contender: 'SDK, adaptive',
};

const measuredOf = (calls: number): SocketMeasured => ({
  contender: 'SDK, adaptive',
  setup: '',
  requests: 1,
  answered: 1,
  answered_again: 0,
  lost: 0,
  sent_twice: 0,
  calls,
  throttled_percent: 0,
  use_percent: 98.7,
  most_in_flight: 1,
  waits: {
    high: { p50_seconds: 0, p99_seconds: 0 },
    normal: { p50_seconds: 0, p99_seconds: 0 },
    low: { p50_seconds: 0, p99_seconds: 0 },
  },
});

describe('what was measured over sockets', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bench-kept-'));
  });

  afterEach(() => rm(folder, { recursive: true }));

  it('is not measured again by the next run', async () => {
    await keepMeasures(join(folder, 'new'))(steady, async () => measuredOf(7));
    expect(await keepMeasures(join(folder, 'new'))(steady, async () => measuredOf(8))).toEqual(measuredOf(7));
  });

  it.each([
    { ...steady, seed: 'b' },
    { ...steady, contender: 'SDK, standard' },
    { ...steady, setting: { ...steady.setting, mix: 'changing' as const } },
    { ...steady, setting: { ...steady.setting, perMinute: 6000 } },
    { ...steady, setting: { ...steady.setting, seconds: 45 } },
  ])('is measured for itself where anything else differs', async (other) => {
    const kept = keepMeasures(folder);
    await kept(steady, async () => measuredOf(7));
    expect((await kept(other, async () => measuredOf(8))).calls).toBe(8);
  });
});
