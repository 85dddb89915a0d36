import fc from 'fast-check';
import type { Attempt, RequestItem } from '../../shared/contract/request-item.ts';
import { type Claim, type ClaimDecision, decideClaim } from '../../shared/core/decide-claim.ts';
import { type Crashes, crashesSoFar, type OwnerKnowledge } from '../../shared/core/suspicion.ts';
import { itemWith, NOON_MS, REQUEST_ID } from './samples.ts';

const inFlightUnder = (epoch: number, changes: Partial<RequestItem> = {}, attempt: Partial<Attempt> = {}) =>
  itemWith({
    status: 'running',
    epoch,
    attemptUntilMs: NOON_MS - 1,
    attempts: 1,
    attemptLog: [{ epoch, startedAtMs: NOON_MS - 5000, ...attempt }],
    ...changes,
  });

const none: Crashes = { crashes: 0, suspectCrashes: 0 };

describe('an attempt whose outcome nobody told', () => {
  it.each<[string, RequestItem, OwnerKnowledge, Crashes]>([
    [
      'is a crash when its owner fell',
      inFlightUnder(5),
      { liveEpochs: [7], fallenEpochs: [5] },
      { ...none, crashes: 1 },
    ],
    [
      'is one when its time is over and its owner never said that it ended',
      inFlightUnder(5),
      { liveEpochs: [5, 7] },
      { ...none, crashes: 1 },
    ],
    ['is none when its owner ended in order', inFlightUnder(5), { liveEpochs: [7], fallenEpochs: [4] }, none],
    [
      'is none beside another that was under suspicion',
      inFlightUnder(5),
      { liveEpochs: [7], fallenEpochs: [5], suspects: { 5: 'req_other' } },
      none,
    ],
    [
      'counts when it was beside a suspect of another owner',
      inFlightUnder(5),
      { liveEpochs: [7], fallenEpochs: [5], suspects: { 4: 'req_other' } },
      { ...none, crashes: 1 },
    ],
    [
      'under suspicion is a crash under suspicion',
      inFlightUnder(5, { crashes: 2 }, { suspect: true }),
      { liveEpochs: [7], fallenEpochs: [5], suspects: { 5: REQUEST_ID } },
      { crashes: 3, suspectCrashes: 1 },
    ],
    [
      'adds to the earlier ones',
      inFlightUnder(5, { crashes: 1 }),
      { liveEpochs: [7], fallenEpochs: [5] },
      { ...none, crashes: 2 },
    ],
  ])('%s', (_, item, owners, crashes) => {
    expect(crashesSoFar(item, owners)).toEqual(crashes);
  });

  it('is nothing new once its outcome is known, nor for a request that waits', () => {
    const owners = { liveEpochs: [7], fallenEpochs: [5] };
    const known = inFlightUnder(5, { crashes: 1 }, { outcome: 'service_fault' });
    expect(crashesSoFar(known, owners)).toEqual({ ...none, crashes: 1 });
    expect(crashesSoFar(itemWith({ crashes: 1 }), owners)).toEqual({ ...none, crashes: 1 });
  });
});

const claimWith = (changes: Partial<Claim> = {}): Claim => ({
  epoch: 7,
  nowMs: NOON_MS,
  attemptUntilMs: NOON_MS + 40_000,
  liveEpochs: [7],
  fallenEpochs: [5],
  ...changes,
});

describe('a claim of a request that was in flight when drains died', () => {
  it.each<[string, RequestItem, Partial<Claim>, ClaimDecision['kind']]>([
    ['once, is granted', inFlightUnder(5), {}, 'claim'],
    ['twice, is held back', inFlightUnder(5, { crashes: 1 }), {}, 'suspect'],
    ['twice, is granted under suspicion', inFlightUnder(5, { crashes: 1 }), { asSuspect: true }, 'claim'],
    ['twice, and put back since, is held back', itemWith({ crashes: 2, claims: 2 }), {}, 'suspect'],
    [
      'once under suspicion, is granted under suspicion',
      inFlightUnder(5, { crashes: 2 }, { suspect: true }),
      { asSuspect: true, suspects: { 5: REQUEST_ID } },
      'claim',
    ],
    [
      'twice under suspicion, is refused for ever',
      inFlightUnder(5, { crashes: 3, suspectCrashes: 1 }, { suspect: true }),
      { suspects: { 5: REQUEST_ID } },
      'condemned',
    ],
    [
      'but may still be, is busy',
      inFlightUnder(6, { crashes: 3, suspectCrashes: 1, attemptUntilMs: NOON_MS + 1 }, { suspect: true }),
      { liveEpochs: [6, 7], suspects: { 6: REQUEST_ID } },
      'busy',
    ],
    [
      'and whose time is up, is expired',
      inFlightUnder(5, { crashes: 9, suspectCrashes: 9, expiresAtMs: NOON_MS }),
      {},
      'expired',
    ],
  ])('%s', (_, item, claim, kind) => {
    expect(decideClaim(item, claimWith(claim)).kind).toBe(kind);
  });

  it('marks the attempt as one under suspicion, and closes the one before', () => {
    const item = inFlightUnder(5, { crashes: 1 });
    expect(decideClaim(item, claimWith({ asSuspect: true }))).toEqual({
      kind: 'claim',
      attempts: 2,
      serviceFaults: 0,
      crashes: 2,
      suspectCrashes: 0,
      attemptLog: [
        { epoch: 5, startedAtMs: NOON_MS - 5000, outcome: 'outcome_unknown' },
        { epoch: 7, startedAtMs: NOON_MS, suspect: true },
      ],
    });
  });
});

/** A pool in small: what is in flight when its drain dies, again and again. */
interface World {
  readonly items: RequestItem[];
  epoch: number;
  readonly fallen: number[];
  readonly suspects: Record<number, string>;
}

/** Claims what may run; of those under suspicion the first, alone. Answers with what runs. */
const claimAll = (world: World): readonly number[] => {
  world.epoch += 1;
  let suspectTaken = false;
  return world.items.flatMap((item, index) => {
    const owners = { liveEpochs: [world.epoch], fallenEpochs: world.fallen, suspects: world.suspects };
    const claim = { epoch: world.epoch, nowMs: NOON_MS, attemptUntilMs: NOON_MS + 1000, ...owners };
    let decision = decideClaim(item, claim);
    if (decision.kind === 'suspect' && !suspectTaken) {
      suspectTaken = true;
      decision = decideClaim(item, { ...claim, asSuspect: true });
      world.suspects[world.epoch] = item.requestId;
    }
    if (decision.kind === 'condemned') world.items[index] = { ...item, status: 'failed' };
    if (decision.kind !== 'claim') return [];
    const { kind: _, ...record } = decision;
    world.items[index] = {
      ...item,
      ...record,
      status: 'running',
      epoch: world.epoch,
      attemptUntilMs: NOON_MS,
    };
    return [index];
  });
};

describe('whatever is in flight when drains die', () => {
  it('only what was under suspicion in two of the crashes is ever condemned, and poison always is', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.option(fc.nat({ max: 11 })),
        fc.array(fc.boolean(), { minLength: 60, maxLength: 60 }),
        (count, poisoned, randomKills) => {
          const poison = poisoned === null ? undefined : poisoned % count;
          const world: World = {
            items: Array.from({ length: count }, (_, index) => itemWith({ requestId: `req_${index}` })),
            epoch: 0,
            fallen: [],
            suspects: {},
          };
          const underSuspicion = new Map<string, number>();
          for (const isKilled of randomKills) {
            const running = claimAll(world);
            const dies = isKilled || (poison !== undefined && running.includes(poison));
            if (!dies) {
              for (const index of running)
                world.items[index] = { ...world.items[index], status: 'succeeded' } as RequestItem;
              continue;
            }
            world.fallen.push(world.epoch);
            const suspect = world.suspects[world.epoch];
            if (suspect !== undefined) underSuspicion.set(suspect, (underSuspicion.get(suspect) ?? 0) + 1);
          }
          for (const { status, requestId } of world.items)
            if (status === 'failed') expect(underSuspicion.get(requestId)).toBe(2);
          if (poison !== undefined) expect(world.items[poison]?.status).not.toBe('succeeded');
        },
      ),
    );
  });

  it('without random kills, poison alone is condemned and everything else is answered', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.nat({ max: 11 }), (count, poisoned) => {
        const poison = poisoned % count;
        const world: World = {
          items: Array.from({ length: count }, (_, index) => itemWith({ requestId: `req_${index}` })),
          epoch: 0,
          fallen: [],
          suspects: {},
        };
        for (let round = 0; round < 40; round += 1) {
          const running = claimAll(world);
          if (running.includes(poison)) world.fallen.push(world.epoch);
          else
            for (const index of running)
              world.items[index] = { ...world.items[index], status: 'succeeded' } as RequestItem;
        }
        expect(world.items.map(({ status }) => status)).toEqual(
          Array.from({ length: count }, (_, index) => (index === poison ? 'failed' : 'succeeded')),
        );
      }),
    );
  });
});
