import fc from 'fast-check';
import { algorithms, type Dimension, dimensionNames } from '../../../local/bedrock/quota/dimension.ts';
import {
  type Amounts,
  admit,
  type Hold,
  openQuota,
  type Quota,
  settle,
  usesAt,
} from '../../../local/bedrock/quota/quota.ts';
import type { Supply } from '../../../local/bedrock/quota/supply.ts';
import { constantly } from '../../../local/bedrock/quota/timeline.ts';

interface Step {
  readonly waitMs: number;
  readonly hold: number;
  /** Of the hold; more than 1 is a burndown beyond the hold. */
  readonly chargeShare: number;
  readonly settleAfter: number;
}

const stepsOf = (chargeShares: readonly number[], maxHold: number): fc.Arbitrary<readonly Step[]> =>
  fc.array(
    fc.record({
      waitMs: fc.integer({ min: 0, max: 20_000 }),
      hold: fc.integer({ min: 1, max: maxHold }),
      chargeShare: fc.constantFrom(...chargeShares),
      settleAfter: fc.integer({ min: 1, max: 5 }),
    }),
    { maxLength: 60 },
  );

const anySteps = stepsOf([0, 0.25, 1, 3], 900);
/** Every call is charged what it held, and none is larger than the quota. */
const exactSteps = stepsOf([1], 600);

const dimensions: fc.Arbitrary<Dimension> = fc.record({
  name: fc.constantFrom(...dimensionNames),
  limit: fc.constant(600),
  periodSeconds: fc.constantFrom(60, 86_400),
  algorithm: fc.constantFrom(...algorithms),
  burstSeconds: fc.constantFrom(1, 5, 15, 60),
  refusalCost: fc.constant(0),
});

const supplies: fc.Arbitrary<Supply> = fc.record({
  multiplier: fc.constantFrom(constantly(1), { initial: 1, steps: [{ atMs: 100_000, value: 0.5 }] }),
  othersShare: fc.constantFrom(constantly(0), { initial: 0.3, steps: [{ atMs: 50_000, value: 0 }] }),
});

interface Snapshot {
  readonly before: Quota;
  readonly quota: Quota;
  readonly nowMs: number;
  readonly asked: number;
  readonly admitted: boolean;
  readonly heldByCalls: number;
  readonly chargedToCalls: number;
}

interface Game {
  readonly dimension: Dimension;
  readonly supply: Supply;
  readonly steps: readonly Step[];
}

/** Runs the steps and keeps its own account of what calls hold and were charged. */
function play({ dimension, supply, steps }: Game): readonly Snapshot[] {
  const amounts = (amount: number): Amounts => ({ [dimension.name]: amount });
  let quota = openQuota([dimension], 0, supply);
  let nowMs = 0;
  let chargedToCalls = 0;
  let open: { readonly hold: Hold; readonly held: number; readonly charge: number; readonly at: number }[] =
    [];
  return steps.map((step, index) => {
    nowMs += step.waitMs;
    for (const { hold, charge } of open.filter(({ at }) => at <= index)) {
      quota = settle(quota, { hold, charges: amounts(charge) }, nowMs);
      chargedToCalls += charge;
    }
    open = open.filter(({ at }) => at > index);
    const before = quota;
    const admission = admit(quota, amounts(step.hold), nowMs);
    quota = admission.quota;
    if (admission.kind === 'admitted') {
      const { hold } = admission;
      open.push({
        hold,
        held: step.hold,
        charge: step.hold * step.chargeShare,
        at: index + step.settleAfter,
      });
    }
    const heldByCalls = open.reduce((sum, { held }) => sum + held, 0);
    const admitted = admission.kind === 'admitted';
    return { before, quota, nowMs, asked: step.hold, admitted, heldByCalls, chargedToCalls };
  });
}

const useOf = (quota: Quota, nowMs: number) =>
  usesAt(quota, nowMs)[0] ?? { left: 0, size: 0, held: 0, settled: 0 };

const games = (steps: fc.Arbitrary<readonly Step[]>, supply = supplies) =>
  fc.record({ dimension: dimensions, supply, steps });

const assertOf = (game: fc.Arbitrary<Game>, holds: (snapshots: readonly Snapshot[], game: Game) => void) =>
  fc.assert(
    fc.property(game, (each) => holds(play(each), each)),
    { numRuns: 300 },
  );

describe('whatever happens, in every dimension and with every algorithm', () => {
  it('there is never more left than the size', () => {
    assertOf(games(anySteps), (snapshots) => {
      for (const { quota, nowMs } of snapshots) {
        const { left, size } = useOf(quota, nowMs);
        expect(left).toBeLessThanOrEqual(size + 1e-6);
      }
    });
  });

  it('open calls hold what they hold, and ended calls were charged what they were charged', () => {
    assertOf(games(anySteps), (snapshots) => {
      for (const { quota, nowMs, heldByCalls, chargedToCalls } of snapshots) {
        expect(useOf(quota, nowMs)).toMatchObject({ held: heldByCalls, settled: chargedToCalls });
      }
    });
  });

  it('a call is admitted exactly when what is left covers it, or everything is there', () => {
    assertOf(games(anySteps), (snapshots) => {
      for (const { before, nowMs, asked, admitted } of snapshots) {
        const { left, size } = useOf(before, nowMs);
        expect(admitted).toBe(left > 0 && left >= Math.min(asked, size));
      }
    });
  });

  it('a refused call changes nothing', () => {
    assertOf(games(anySteps), (snapshots) => {
      for (const { before, quota, nowMs } of snapshots.filter(({ admitted }) => !admitted)) {
        const expected = useOf(before, nowMs + 7);
        expect(useOf(quota, nowMs + 7)).toEqual({ ...expected, left: expect.closeTo(expected.left, 9) });
      }
    });
  });
});

const alone = fc.constant<Supply>({ multiplier: constantly(1), othersShare: constantly(0) });

const admittedIn = (snapshots: readonly Snapshot[], fromMs: number, toMs: number) =>
  snapshots
    .filter(({ admitted, nowMs }) => admitted && nowMs >= fromMs && nowMs < toMs)
    .reduce((sum, { asked }) => sum + asked, 0);

describe('what is admitted when every call is charged what it held', () => {
  const gamesOf = (algorithm: Dimension['algorithm']) =>
    games(exactSteps, alone).map((game) => ({
      ...game,
      dimension: { ...game.dimension, algorithm, periodSeconds: 60, burstSeconds: 60 },
    }));

  it('by a bucket is in any stretch of time at most its size and the refill', () => {
    assertOf(gamesOf('bucket'), (snapshots) => {
      for (const { nowMs: fromMs } of snapshots) {
        for (const { nowMs } of snapshots.filter((each) => each.nowMs >= fromMs)) {
          const most = 600 + ((nowMs - fromMs) * 600) / 60_000;
          expect(admittedIn(snapshots, fromMs, nowMs + 1)).toBeLessThanOrEqual(most + 1e-6);
        }
      }
    });
  });

  it('by a fixed minute is at most the quota in each minute of the clock', () => {
    assertOf(gamesOf('fixed'), (snapshots) => {
      for (let minute = 0; minute < 20; minute += 1) {
        expect(admittedIn(snapshots, minute * 60_000, (minute + 1) * 60_000)).toBeLessThanOrEqual(600);
      }
    });
  });

  it('by a sliding minute is at most the quota in any minute', () => {
    assertOf(gamesOf('sliding'), (snapshots) => {
      for (const { nowMs } of snapshots) {
        expect(admittedIn(snapshots, nowMs, nowMs + 60_000)).toBeLessThanOrEqual(600);
      }
    });
  });
});
