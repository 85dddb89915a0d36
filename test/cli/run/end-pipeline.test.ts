import { endPipeline, patienceOf } from '../../../cli/run/end-pipeline.ts';

/** Time goes on only as a test lets it. */
const timed = () => {
  const waiting: { readonly durationMs: number; readonly over: () => void }[] = [];
  const told: string[] = [];
  const pause = (durationMs: number, signal?: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      waiting.push({ durationMs, over: resolve });
      signal?.addEventListener('abort', () => reject(signal.reason));
    });
  return { waiting, told, pause, onWaiting: () => told.push('waiting') };
};

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('a run that is interrupted', () => {
  it('says nothing where everything ends at once', async () => {
    const { waiting, told, pause, onWaiting } = timed();

    expect(await endPipeline({ stop: async () => {}, patienceMs: 30_000, onWaiting, pause })).toBe(true);
    expect(waiting).toHaveLength(1);
    expect(told).toEqual([]);
  });

  it('says that it waits, waits for what is under way, and then no longer', async () => {
    const { waiting, told, pause, onWaiting } = timed();
    const ended = endPipeline({ stop: () => new Promise(() => {}), patienceMs: 30_000, onWaiting, pause });
    waiting[0]?.over();
    await settle();
    expect(told).toEqual(['waiting']);
    waiting[1]?.over();

    expect(await ended).toBe(false);
    expect(waiting.map(({ durationMs }) => durationMs)).toEqual([1500, 28_500]);
  });

  it('does not hide that it could not be ended', async () => {
    const { pause, onWaiting } = timed();
    const stop = async () => {
      throw new Error('no');
    };

    await expect(endPipeline({ stop, patienceMs: 30_000, onWaiting, pause })).rejects.toThrow('no');
  });

  it('waits longer for answers that are paid for', () => {
    expect(patienceOf({ kind: 'simulator' })).toBe(3000);
    expect(patienceOf({ kind: 'aws', endpoint: 'https://x' })).toBe(30_000);
  });
});
