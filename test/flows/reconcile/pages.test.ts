import { createReconcile } from '../../../shared/flows/reconcile/reconcile-table.ts';
import { failing, firstCalls, nameOf } from '../../fakes/interpose.ts';
import { createWorld, reconcileDepsOf } from '../../fakes/world.ts';
import { acceptPrompts } from '../submissions.ts';
import { DAY_MS, HOUR_MS, healed, reconcile } from './reconciling.ts';

const prompts = (count: number): string[] => Array.from({ length: count }, (_, index) => `p${index}`);

describe('a run of the reconciler', () => {
  it('reads so many pages, and the next goes on behind them', async () => {
    const world = createWorld({ pageItems: 1, settings: { reconcile_megabytes_per_hour: 20 } });
    await acceptPrompts(world, prompts(29));
    const pages: unknown[] = [];
    const run = () =>
      reconcile(world, (effect, perform) => {
        if (nameOf(effect) === 'scan.page') pages.push(effect.args[0]);
        return perform();
      });
    expect(await run()).toBe('part');
    expect(pages).toHaveLength(20);
    await world.clock.advance(HOUR_MS);
    expect(await run()).toBe('whole');
    // Nine that are left, and the tenant's count.
    expect(pages).toHaveLength(30);
    expect(new Set(pages).size).toBe(30);
  });

  it('does not look again on the day on which it has seen all, and begins anew on the next', async () => {
    const world = createWorld();
    expect(await reconcile(world)).toBe('whole');
    for (let hour = 1; hour < 24; hour++) {
      await world.clock.advance(HOUR_MS);
      expect(await reconcile(world)).toBe('rested');
    }
    await world.clock.advance(HOUR_MS);
    expect(await reconcile(world)).toBe('whole');
  });

  it('stops when another run has overtaken it', async () => {
    const world = createWorld({ pageItems: 1 });
    await acceptPrompts(world, prompts(5));
    let others = 0;
    const outcome = await reconcile(world, async (effect, perform) => {
      if (nameOf(effect) === 'scan.saveProgress' && others === 0) {
        others += 1;
        const seen = await world.scan.readProgress();
        await world.scan.saveProgress(
          { version: 1, startedAtMs: world.clock.nowMs(), isDone: true, doubted: {}, doubtedAtMs: 0 },
          seen,
        );
      }
      return perform();
    });
    expect(outcome).toBe('overtaken');
  });

  it('begins nothing when it has no time', async () => {
    const world = createWorld();
    const pages: string[] = [];

    const deps = reconcileDepsOf(world, (effect, perform) => {
      if (nameOf(effect) === 'scan.page') pages.push('page');
      return perform();
    });
    expect(await createReconcile(deps)({ remainingMs: () => 60_000 })).toBe('part');
    expect(pages).toEqual([]);
  });

  it('goes on behind what can not be healed now, and finds it again the next day', async () => {
    const world = createWorld({ pageItems: 1 });
    await acceptPrompts(world, ['a', 'b'], { expires_in_seconds: 60 });
    await world.clock.advance(2 * HOUR_MS);
    expect(await reconcile(world, failing(firstCalls('requestReader.readMany', 1)))).toBe('whole');
    expect(world.telemetry.troubles()).toContain('damage_not_healed');
    expect(healed(world)).toEqual({ queued_too_long: 1 });
    await world.clock.advance(DAY_MS);
    await reconcile(world);
    expect(healed(world)).toEqual({ queued_too_long: 2 });
  });
});
