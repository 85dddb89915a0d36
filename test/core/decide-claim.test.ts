import fc from 'fast-check';
import type { Attempt, RequestItem } from '../../shared/contract/request-item.ts';
import { type Claim, type ClaimDecision, closeAttempt, decideClaim } from '../../shared/core/decide-claim.ts';
import { itemWith, NOON_MS } from './samples.ts';

const NEXT: Attempt = { epoch: 7, startedAtMs: NOON_MS };

const claimWith = (changes: Partial<Claim> = {}): Claim => ({
  epoch: 7,
  nowMs: NOON_MS,
  attemptUntilMs: NOON_MS + 40_000,
  liveEpochs: [7],
  ...changes,
});

const running = (epoch: number, changes: Partial<RequestItem> = {}): RequestItem =>
  itemWith({
    status: 'running',
    epoch,
    attemptUntilMs: NOON_MS + 30_000,
    attempts: 1,
    attemptLog: [{ epoch, startedAtMs: NOON_MS - 5000 }],
    ...changes,
  });

const NO_CRASHES = { crashes: 0, suspectCrashes: 0 };

const again = (
  epoch: number,
  outcome: Attempt['outcome'],
  attempts: number,
  crashes = NO_CRASHES,
): ClaimDecision => ({
  kind: 'claim',
  attempts,
  serviceFaults: outcome === 'service_fault' ? 1 : 0,
  ...crashes,
  attemptLog: [{ epoch, startedAtMs: NOON_MS - 5000, ...(outcome === undefined ? {} : { outcome }) }, NEXT],
});

describe('a claim', () => {
  it.each<[string, RequestItem, Partial<Claim>, ClaimDecision]>([
    [
      'of a queued request is granted',
      itemWith(),
      {},
      { kind: 'claim', attempts: 1, serviceFaults: 0, ...NO_CRASHES, attemptLog: [NEXT] },
    ],
    [
      'of a request that was put back is granted, and counts on',
      running(5, {
        status: 'queued',
        serviceFaults: 1,
        attemptLog: [{ epoch: 5, startedAtMs: NOON_MS - 5000, outcome: 'service_fault' }],
      }),
      {},
      again(5, 'service_fault', 2),
    ],
    [
      'of its own running request is granted',
      running(7),
      { ownOutcome: 'service_fault' },
      again(7, 'service_fault', 2),
    ],
    [
      'of its own, throttled, costs no attempt',
      running(7),
      { ownOutcome: 'throttled' },
      again(7, 'throttled', 1),
    ],
    [
      'of its own, throttled for today, costs no attempt',
      running(7),
      { ownOutcome: 'throttled_for_today' },
      again(7, 'throttled_for_today', 1),
    ],
    ['of its own whose write it never saw confirmed', running(7), {}, again(7, 'outcome_unknown', 2)],
    [
      'of its own request that was put back does not take the throttle back twice',
      running(7, {
        status: 'queued',
        attemptLog: [{ epoch: 7, startedAtMs: NOON_MS - 5000, outcome: 'throttled' }],
      }),
      { ownOutcome: 'throttled' },
      again(7, 'throttled', 2),
    ],
    [
      'of another’s request whose time has passed is granted',
      running(6, { attemptUntilMs: NOON_MS - 1 }),
      { liveEpochs: [6, 7] },
      again(6, 'outcome_unknown', 2, { crashes: 1, suspectCrashes: 0 }),
    ],
    ['of an owner’s who has surely ended is granted', running(6), {}, again(6, 'outcome_unknown', 2)],
    [
      'of another’s, who has not ended, is not',
      running(6),
      { liveEpochs: [6, 7] },
      { kind: 'busy', untilMs: NOON_MS + 30_000 },
    ],
    [
      'is not granted in the very millisecond that another’s may still use',
      running(6, { attemptUntilMs: NOON_MS }),
      { liveEpochs: [6, 7] },
      { kind: 'busy', untilMs: NOON_MS },
    ],
    [
      'of a later owner’s request is not, though its epoch is unknown here',
      running(8),
      {},
      { kind: 'busy', untilMs: NOON_MS + 30_000 },
    ],
    [
      'of what throttled another owner counts',
      running(6),
      { ownOutcome: 'throttled' },
      again(6, 'outcome_unknown', 2),
    ],
    ['of a lapsed request finds it expired', itemWith({ expiresAtMs: NOON_MS }), {}, { kind: 'expired' }],
    [
      'of its own lapsed request finds it expired',
      running(7, { expiresAtMs: NOON_MS }),
      {},
      { kind: 'expired' },
    ],
    [
      'of a lapsed request that another still runs leaves it alone',
      running(6, { expiresAtMs: NOON_MS }),
      { liveEpochs: [6, 7] },
      { kind: 'busy', untilMs: NOON_MS + 30_000 },
    ],
    [
      'a millisecond before the deadline is granted',
      itemWith({ expiresAtMs: NOON_MS + 1 }),
      {},
      { kind: 'claim', attempts: 1, serviceFaults: 0, ...NO_CRASHES, attemptLog: [NEXT] },
    ],
    ...(['succeeded', 'failed', 'canceled', 'expired'] as const).map(
      (status): [string, RequestItem, Partial<Claim>, ClaimDecision] => [
        `of a ${status} request finds it finished`,
        running(7, { status, expiresAtMs: 0 }),
        {},
        { kind: 'finished' },
      ],
    ),
  ])('%s', (_, item, claim, decision) => {
    expect(decideClaim(item, claimWith(claim))).toEqual(decision);
  });
});

const outcomes = fc.constantFrom<NonNullable<Attempt['outcome']>>(
  'throttled',
  'service_fault',
  'outcome_unknown',
);
const anAttempt = fc.oneof(
  fc.record({ epoch: fc.nat({ max: 9 }), startedAtMs: fc.nat() }),
  fc.record({ epoch: fc.nat({ max: 9 }), startedAtMs: fc.nat(), outcome: outcomes }),
);
const anItem = fc
  .record({
    status: fc.constantFrom('queued' as const, 'running' as const, 'succeeded' as const, 'expired' as const),
    epoch: fc.nat({ max: 9 }),
    attemptUntilMs: fc.integer({ min: NOON_MS - 3, max: NOON_MS + 3 }),
    expiresAtMs: fc.integer({ min: NOON_MS - 1, max: NOON_MS + 3 }),
    attempts: fc.integer({ min: 1, max: 9 }),
    attemptLog: fc.array(anAttempt, { maxLength: 3 }),
  })
  .map((fields) => itemWith(fields));
const aClaim = fc
  .record({
    epoch: fc.nat({ max: 9 }),
    liveEpochs: fc.array(fc.nat({ max: 9 })),
    ownOutcome: fc.option(outcomes, { nil: undefined }),
  })
  .map(({ ownOutcome, ...claim }) =>
    claimWith({ ...claim, ...(ownOutcome === undefined ? {} : { ownOutcome }) }),
  );

describe('whatever the store shows', () => {
  it('a request that another live owner may be running is never claimed', () => {
    fc.assert(
      fc.property(anItem, aClaim, (item, claim) => {
        const another = item.epoch !== undefined && item.epoch !== claim.epoch;
        const live =
          item.epoch !== undefined && (claim.liveEpochs.includes(item.epoch) || item.epoch > claim.epoch);
        const inTime = (item.attemptUntilMs ?? 0) >= claim.nowMs;
        fc.pre(item.status === 'running' && another && live && inTime);
        expect(decideClaim(item, claim).kind).toBe('busy');
      }),
    );
  });

  it('attempts grow by one, but for a throttle of one’s own', () => {
    fc.assert(
      fc.property(anItem, aClaim, (item, claim) => {
        const decision = decideClaim(item, claim);
        fc.pre(decision.kind === 'claim');
        const free =
          claim.ownOutcome === 'throttled' && item.status === 'running' && item.epoch === claim.epoch;

        expect(decision).toMatchObject({ attempts: item.attempts + (free ? 0 : 1) });
      }),
    );
  });

  it('the log keeps three attempts at most, the last of them open and all others closed', () => {
    fc.assert(
      fc.property(anItem, aClaim, (item, claim) => {
        const decision = decideClaim(item, claim);
        if (decision.kind !== 'claim') return;
        expect(decision.attemptLog.length).toBeLessThanOrEqual(3);
        expect(decision.attemptLog.at(-1)).toEqual({ epoch: claim.epoch, startedAtMs: claim.nowMs });
        if (decision.attemptLog.length > 1) expect(decision.attemptLog.at(-2)).toHaveProperty('outcome');
      }),
    );
  });
});

describe('the log of attempts', () => {
  it('gets the outcome of its last attempt', () => {
    expect(
      closeAttempt(
        [
          { epoch: 1, startedAtMs: 0, outcome: 'throttled' },
          { epoch: 1, startedAtMs: 5 },
        ],
        'answered',
      ),
    ).toEqual([
      { epoch: 1, startedAtMs: 0, outcome: 'throttled' },
      { epoch: 1, startedAtMs: 5, outcome: 'answered' },
    ]);
  });

  it.each<[string, readonly Attempt[]]>([
    ['that is empty', []],
    ['whose last outcome is known', [{ epoch: 1, startedAtMs: 0, outcome: 'answered' }]],
  ])('%s stays as it is', (_, log) => {
    expect(closeAttempt(log, 'outcome_unknown')).toEqual(log);
  });
});
