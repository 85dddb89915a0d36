import { createBucketGovernor } from '../../../shared/core/governor/bucket-governor.ts';
import { dimensionsOf } from '../../../shared/core/governor/dimensions.ts';
import type { Governor, GovernorSnapshot, PlannedCall } from '../../../shared/core/governor/governor.ts';
import type { OwnerReport } from '../../../shared/core/governor/owner-report.ts';

const START_MS = 1_000_000;

const governorWith = (epoch: number, snapshot?: GovernorSnapshot, maxConcurrent = 10): Governor =>
  createBucketGovernor(
    {
      dimensions: dimensionsOf({ quota: { tokens_per_minute: 60_000 }, burndown: 1 }),
      burndown: 1,
      maxConcurrent,
      epoch,
      ...(snapshot === undefined ? {} : { snapshot }),
    },
    START_MS,
  );

const call = (tokens: number): PlannedCall => ({ priority: 'normal', inputTokens: tokens, maxTokens: 0 });
const used = (tokens: number) => ({ inputTokens: tokens, outputTokens: 0, cacheWriteTokens: 0 });
const levelOf = (governor: Governor) => governor.describe(START_MS).dimensions[0]?.level;
const later = (report: OwnerReport, byMs: number): OwnerReport => ({
  ...report,
  takenAtMs: report.takenAtMs + byMs,
});

describe('a successor that hears of the owner before', () => {
  /** The first owner: 1,000 tokens under way at the snapshot. The second begins with 4,000 less the margin of 5,000. */
  const handOver = () => {
    const first = governorWith(1);
    const sent = first.sent(call(1000), START_MS);
    const second = governorWith(2, first.snapshot(START_MS));
    return { first, sent, second };
  };

  it('no longer guesses what it had sent unseen', () => {
    const { first, second } = handOver();
    expect(levelOf(second)).toBe(-1000);

    second.others(later(first.remaining(START_MS), 1), START_MS);
    expect(levelOf(second)).toBe(4000);
  });

  it('counts what it sent after the snapshot', () => {
    const { first, second } = handOver();
    first.sent(call(1500), START_MS);
    second.others(later(first.remaining(START_MS), 1), START_MS);

    expect(levelOf(second)).toBe(2500);
  });

  it('gets what its calls give back, or owes what they cost beyond it', () => {
    const { first, sent, second } = handOver();
    const other = first.sent(call(10), START_MS);
    first.answered(sent, used(200), START_MS);
    first.answered(other, used(60), START_MS);
    second.others(later(first.remaining(START_MS), 1), START_MS);

    // 4,000, and 800 back, and 60 more taken.
    expect(levelOf(second)).toBe(4740);
  });

  it('lets repeated and late reports change nothing', () => {
    const { first, sent, second } = handOver();
    const early = later(first.remaining(START_MS), 1);
    first.answered(sent, used(200), START_MS);
    const late = later(first.remaining(START_MS), 2);
    for (const report of [late, late, early]) second.others(report, START_MS);

    expect(levelOf(second)).toBe(4800);
  });

  it('counts its calls among those at once, until it has ended', () => {
    const first = governorWith(1);
    const sent = first.sent(call(1), START_MS);
    const second = governorWith(2, first.snapshot(START_MS), 1);
    second.others(later(first.remaining(START_MS), 1), START_MS);
    expect(second.mayGo(call(1), START_MS)).toEqual({ go: false, limit: 'concurrency', waitMs: 1000 });

    first.answered(sent, used(1), START_MS);
    second.others(later(first.remaining(START_MS), 2), START_MS);
    expect(second.mayGo(call(1), START_MS)).toEqual({ go: true });
  });

  it('takes it for dead when it has been silent for half a minute', () => {
    const first = governorWith(1);
    first.sent(call(1), START_MS);
    const second = governorWith(2, first.snapshot(START_MS), 1);
    second.others(later(first.remaining(START_MS), 1), START_MS);

    expect(second.describe(START_MS + 29_999).concurrency.others).toBe(1);
    expect(second.mayGo(call(1), START_MS + 30_000)).toEqual({ go: true });
  });

  it('does not count its own reports', () => {
    const governor = governorWith(2);
    governor.sent(call(1000), START_MS);
    governor.others(later(governor.remaining(START_MS), 1), START_MS);

    expect(levelOf(governor)).toBe(4000);
    expect(governor.describe(START_MS).concurrency).toMatchObject({ inFlight: 1, others: 0 });
  });

  it('leaves the history of an owner it knows nothing of alone, and counts its calls', () => {
    const governor = governorWith(3);
    const report = { epoch: 1, takenAtMs: START_MS, inFlight: 2, taken: { tokens_per_minute: 9_000_000 } };
    governor.others(report, START_MS);
    expect(governor.describe(START_MS).concurrency.others).toBe(2);
    expect(levelOf(governor)).toBe(5000);

    governor.others({ ...later(report, 1), taken: { tokens_per_minute: 9_000_600 } }, START_MS);
    expect(levelOf(governor)).toBe(4400);
  });

  it('tells its own successor how far it has counted', () => {
    const { first, sent, second } = handOver();
    second.others(later(first.remaining(START_MS), 1), START_MS);
    const third = governorWith(3, JSON.parse(JSON.stringify(second.snapshot(START_MS))));
    first.answered(sent, used(200), START_MS);
    third.others(later(first.remaining(START_MS), 2), START_MS);

    // 4,000 of the second, less the margin for it, and the 800 that the first gives back.
    expect(levelOf(third)).toBe(-200);
  });
});
