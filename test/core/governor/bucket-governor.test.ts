import fc from 'fast-check';
import { createBucketGovernor } from '../../../shared/core/governor/bucket-governor.ts';
import { dimensionsOf } from '../../../shared/core/governor/dimensions.ts';
import type {
  CallUsage,
  Governor,
  GovernorSnapshot,
  PlannedCall,
  SentCall,
} from '../../../shared/core/governor/governor.ts';

const START_MS = 1_000_000;
/** A bucket of 5,000 tokens that refills by 1,000 a second. */
const TPM = { tokens_per_minute: 60_000 };

interface Setup {
  readonly quota?: Parameters<typeof dimensionsOf>[0]['quota'];
  readonly maxConcurrent?: number;
  readonly snapshot?: GovernorSnapshot;
  readonly atMs?: number;
}

const governorWith = ({
  quota = TPM,
  maxConcurrent = 1000,
  snapshot,
  atMs = START_MS,
}: Setup = {}): Governor =>
  createBucketGovernor(
    {
      dimensions: dimensionsOf({ quota, burndown: 1 }),
      burndown: 1,
      maxConcurrent,
      ...(snapshot === undefined ? {} : { snapshot }),
    },
    atMs,
  );

const call = (tokens: number): PlannedCall => ({ priority: 'normal', inputTokens: tokens, maxTokens: 0 });
const used = (tokens: number): CallUsage => ({ inputTokens: tokens, outputTokens: 0, cacheWriteTokens: 0 });
const GO = { go: true };
const wait = (waitMs: number, limit = 'tokens_per_minute') => ({ go: false, limit, waitMs });

describe('the governor', () => {
  it('lets a call go at once while the bucket holds its tokens', () => {
    expect(governorWith().mayGo(call(5000), START_MS)).toEqual(GO);
  });

  it('says how long to wait, and lets the call go after just that', () => {
    const governor = governorWith();
    governor.sent(call(4000), START_MS);

    expect(governor.mayGo(call(3000), START_MS)).toEqual(wait(2000));
    expect(governor.mayGo(call(3000), START_MS + 1999)).toEqual(wait(1));
    expect(governor.mayGo(call(3000), START_MS + 2000)).toEqual(GO);
  });

  it('asks nothing of what it only looks at', () => {
    const governor = governorWith();
    for (let look = 0; look < 10; look++) governor.mayGo(call(5000), START_MS);

    expect(governor.mayGo(call(5000), START_MS)).toEqual(GO);
  });

  it('stores no more than the bucket holds, however long nothing is sent', () => {
    const governor = governorWith();
    governor.sent(call(5000), START_MS + 3_600_000);

    expect(governor.mayGo(call(1000), START_MS + 3_600_000)).toEqual(wait(1000));
  });

  it('gives back what a call held and did not use', () => {
    const governor = governorWith();
    const sent = governor.sent(call(5000), START_MS);
    governor.answered(sent, used(1000), START_MS);

    expect(governor.mayGo(call(4000), START_MS)).toEqual(GO);
    expect(governor.mayGo(call(5000), START_MS)).toEqual(wait(1000));
  });

  it('takes what a call used beyond what it held', () => {
    const governor = governorWith();
    const sent = governor.sent(call(1000), START_MS);
    governor.answered(sent, used(6000), START_MS);

    expect(governor.mayGo(call(1), START_MS)).toEqual(wait(1001));
  });

  it('gives a failed call back whole, but for its being a request', () => {
    const governor = governorWith({ quota: { ...TPM, requests_per_minute: 12 } });
    const sent = governor.sent(call(5000), START_MS);
    governor.faulted(sent, START_MS);

    expect(governor.mayGo(call(5000), START_MS)).toEqual(wait(5000, 'requests_per_minute'));
  });

  it('gives a call that was never sent back whole, its being a request too', () => {
    const governor = governorWith({ quota: { ...TPM, requests_per_minute: 12 } });
    const sent = governor.sent(call(5000), START_MS);
    governor.released(sent, START_MS);

    expect(governor.mayGo(call(5000), START_MS)).toEqual({ go: true });
  });

  it('lets a call larger than the bucket go when the bucket is full, and makes the next wait for it', () => {
    const governor = governorWith();
    governor.sent(call(1000), START_MS);

    expect(governor.mayGo(call(20_000), START_MS)).toEqual(wait(1000));
    expect(governor.mayGo(call(20_000), START_MS + 1000)).toEqual(GO);
    governor.sent(call(20_000), START_MS + 1000);
    expect(governor.mayGo(call(1), START_MS + 1000)).toEqual(wait(15_001));
  });

  it('keeps within the number of calls at once', () => {
    const governor = governorWith({ maxConcurrent: 2 });
    governor.sent(call(1), START_MS);
    const second = governor.sent(call(1), START_MS);

    expect(governor.mayGo(call(1), START_MS)).toEqual(wait(1000, 'concurrency'));
    governor.answered(second, used(1), START_MS);
    expect(governor.mayGo(call(1), START_MS)).toEqual(GO);
  });

  it.each(['answered', 'throttled', 'faulted'] as const)('counts a call that was %s as over', (end) => {
    const governor = governorWith({ maxConcurrent: 1 });
    const sent = governor.sent(call(1), START_MS);
    if (end === 'answered') governor.answered(sent, used(1), START_MS);
    else if (end === 'throttled') governor.throttled(sent, 'tokens', START_MS);
    else governor.faulted(sent, START_MS);

    expect(governor.mayGo(call(1), START_MS + 60_000)).toEqual(GO);
  });

  it('names the limit that keeps a call back longest', () => {
    const governor = governorWith({ quota: { ...TPM, requests_per_minute: 12, tokens_per_day: 8_640_000 } });
    governor.sent(call(5000), START_MS);

    expect(governor.mayGo(call(1000), START_MS)).toEqual(wait(5000, 'requests_per_minute'));
    expect(governor.mayGo(call(5000), START_MS + 1000)).toEqual(wait(4000, 'requests_per_minute'));
    expect(governor.mayGo(call(5000), START_MS + 5000)).toEqual(GO);
  });

  it('waits for the day when the day is spent', () => {
    const governor = governorWith({ quota: { ...TPM, tokens_per_day: 86_400 } });
    governor.sent(call(86_400), START_MS);

    expect(governor.mayGo(call(100), START_MS + 90_000)).toEqual(wait(10_000, 'tokens_per_day'));
  });

  it('does not mind a clock that goes back', () => {
    const governor = governorWith();
    governor.sent(call(5000), START_MS);

    expect(governor.mayGo(call(1000), START_MS - 60_000)).toEqual(wait(1000));
    expect(governor.mayGo(call(1000), START_MS + 1000)).toEqual(GO);
  });
});

describe('after a throttle', () => {
  it('nothing goes for a moment, and then as from an empty bucket', () => {
    const governor = governorWith();
    const sent = governor.sent(call(1000), START_MS);
    governor.throttled(sent, 'tokens', START_MS);

    expect(governor.mayGo(call(1), START_MS)).toEqual(wait(400, 'pause'));
    expect(governor.mayGo(call(1), START_MS + 399)).toEqual(wait(1, 'pause'));
    expect(governor.mayGo(call(400), START_MS + 400)).toEqual(GO);
    expect(governor.mayGo(call(5000), START_MS + 400)).toEqual(wait(4600));
  });

  it('what had been overdrawn stays so', () => {
    const governor = governorWith();
    governor.sent(call(8000), START_MS);
    const sent = governor.sent(call(1000), START_MS);
    governor.throttled(sent, 'tokens', START_MS);

    expect(governor.mayGo(call(1), START_MS + 400)).toEqual(wait(2601));
  });

  it.each(['tokens', 'requests', 'unknown'] as const)('of %s, the day’s tokens are not spent', (scope) => {
    const governor = governorWith({ quota: { ...TPM, tokens_per_day: 86_400 } });
    const sent = governor.sent(call(1000), START_MS);
    governor.throttled(sent, scope, START_MS);

    expect(governor.mayGo(call(5000), START_MS + 5000)).toEqual(GO);
  });

  it('of the day, nothing goes for a quarter of an hour, and then as from an empty day', () => {
    const governor = governorWith({ quota: { ...TPM, tokens_per_day: 86_400 } });
    const sent = governor.sent(call(1000), START_MS);
    governor.throttled(sent, 'day', START_MS);

    expect(governor.mayGo(call(1), START_MS)).toEqual(wait(900_000, 'pause'));
    expect(governor.mayGo(call(900), START_MS + 900_000)).toEqual(GO);
    expect(governor.mayGo(call(1000), START_MS + 900_000)).toEqual(wait(100_000, 'tokens_per_day'));
  });

  it('a shorter pause does not end a longer one', () => {
    const governor = governorWith();
    const [one, other] = [governor.sent(call(1), START_MS), governor.sent(call(1), START_MS)];
    governor.throttled(one, 'day', START_MS);
    governor.throttled(other, 'tokens', START_MS + 1000);

    expect(governor.mayGo(call(1), START_MS + 2000)).toEqual(wait(898_000, 'pause'));
  });
});

describe('a successor', () => {
  const QUOTA = { tokens_per_minute: 600_000, tokens_per_day: 8_640_000 };

  it('begins with full buckets when nobody was before it', () => {
    expect(governorWith({ quota: QUOTA }).mayGo(call(50_000), START_MS)).toEqual(GO);
  });

  it('goes on where the snapshot ends, less what may have been sent since unseen', () => {
    const before = governorWith({ quota: QUOTA });
    before.sent(call(1_000_000), START_MS);
    const snapshot = before.snapshot(START_MS);
    const after = governorWith({ quota: QUOTA, snapshot, atMs: START_MS });

    expect(snapshot).toEqual({
      takenAtMs: START_MS,
      levels: { tokens_per_minute: -950_000, tokens_per_day: 7_640_000 },
      pausedUntilMs: 0,
      owner: {
        epoch: 0,
        takenAtMs: START_MS,
        inFlight: 1,
        taken: { tokens_per_minute: 1_000_000, tokens_per_day: 1_000_000 },
      },
      others: [],
    });
    // One bucket of the minute, which is less than six seconds of it.
    expect(before.mayGo(call(10_000), START_MS)).toEqual(wait(96_000));
    expect(after.mayGo(call(10_000), START_MS)).toEqual(wait(101_000));
  });

  it('counts the time since the snapshot', () => {
    const before = governorWith({ quota: QUOTA });
    before.sent(call(50_000), START_MS);
    const after = governorWith({ quota: QUOTA, snapshot: before.snapshot(START_MS), atMs: START_MS + 6000 });

    expect(after.mayGo(call(10_000), START_MS + 6000)).toEqual(GO);
    expect(after.mayGo(call(20_000), START_MS + 6000)).toEqual(wait(1000));
  });

  it('keeps the pause', () => {
    const before = governorWith();
    before.throttled(before.sent(call(1), START_MS), 'day', START_MS);
    const after = governorWith({ snapshot: before.snapshot(START_MS + 1000), atMs: START_MS + 2000 });

    expect(after.mayGo(call(1), START_MS + 2000)).toEqual(wait(898_000, 'pause'));
  });

  it('begins a dimension that the snapshot does not know with a full bucket', () => {
    const snapshot = { takenAtMs: START_MS, levels: {}, pausedUntilMs: 0 };

    expect(governorWith({ snapshot }).mayGo(call(5000), START_MS)).toEqual(GO);
  });

  it('never holds more than a smaller quota allows', () => {
    const snapshot = { takenAtMs: START_MS, levels: { tokens_per_minute: 1_000_000 }, pausedUntilMs: 0 };

    expect(governorWith({ snapshot }).mayGo(call(6000), START_MS)).toEqual(GO);
    const governor = governorWith({ snapshot });
    governor.sent(call(5000), START_MS);
    expect(governor.mayGo(call(1), START_MS)).toEqual(wait(1));
  });

  it('is told everything in 4 KB, as JSON', () => {
    const governor = governorWith({ quota: { ...QUOTA, requests_per_minute: 100 } });
    governor.sent(call(333), START_MS + 0.5);
    const json = JSON.stringify(governor.snapshot(START_MS + 17.3));

    expect(Buffer.byteLength(json)).toBeLessThanOrEqual(4096);
    expect(JSON.parse(json)).toEqual(governor.snapshot(START_MS + 17.3));
  });
});

interface Sending {
  readonly atMs: number;
  readonly tokens: number;
}

/** Sends calls as fast as the governor lets them go, each answered after its latency with just what it held. */
const simulate = (
  governor: Governor,
  calls: readonly { tokens: number; latencyMs: number; pauseMs: number }[],
) => {
  const sendings: Sending[] = [];
  let open: { readonly sent: SentCall; readonly tokens: number; readonly endsAtMs: number }[] = [];
  let nowMs = START_MS;
  const settle = (untilMs: number): void => {
    for (const { sent, tokens, endsAtMs } of open.filter((one) => one.endsAtMs <= untilMs))
      governor.answered(sent, used(tokens), endsAtMs);
    open = open.filter((one) => one.endsAtMs > untilMs);
  };
  for (const { tokens, latencyMs, pauseMs } of calls) {
    nowMs += pauseMs;
    settle(nowMs);
    let look = governor.mayGo(call(tokens), nowMs);
    // A wait is as long as it says; once more after a rounded millisecond is fair, a hundred times is for ever.
    for (let looks = 0; !look.go; looks++) {
      if (looks === 100) throw new Error(`a call of ${tokens} tokens never goes`);
      nowMs += look.waitMs;
      settle(nowMs);
      look = governor.mayGo(call(tokens), nowMs);
    }
    sendings.push({ atMs: nowMs, tokens });
    open.push({ sent: governor.sent(call(tokens), nowMs), tokens, endsAtMs: nowMs + latencyMs });
  }
  return sendings;
};

const someCalls = (mostTokens: number) =>
  fc.array(
    fc.record({
      tokens: fc.integer({ min: 1, max: mostTokens }),
      latencyMs: fc.integer({ min: 0, max: 20_000 }),
      pauseMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 8000 })),
    }),
    { minLength: 1, maxLength: 60 },
  );

const windowsOf = <T>(entries: readonly T[]): readonly (readonly T[])[] =>
  entries.flatMap((_, from) =>
    entries.slice(from).map((__, length) => entries.slice(from, from + length + 1)),
  );

/** Seconds from the first to the last of some calls. */
const secondsOf = (window: readonly Sending[]): number =>
  ((window.at(-1)?.atMs ?? 0) - (window[0]?.atMs ?? 0)) / 1000;

describe('over any span of time', () => {
  it('no more tokens are sent than the bucket stores and the time refills', () => {
    fc.assert(
      fc.property(someCalls(5000), (calls) => {
        for (const window of windowsOf(simulate(governorWith(), calls))) {
          const tokens = window.reduce((sum, one) => sum + one.tokens, 0);
          expect(tokens).toBeLessThanOrEqual(5000 + 1000 * secondsOf(window) + 0.01);
        }
      }),
    );
  });

  it('no more requests are sent than are granted', () => {
    const quota = { tokens_per_minute: 60_000_000, requests_per_minute: 120 };

    fc.assert(
      fc.property(someCalls(10), (calls) => {
        for (const window of windowsOf(simulate(governorWith({ quota }), calls)))
          expect(window.length).toBeLessThanOrEqual(10 + 2 * secondsOf(window) + 0.01);
      }),
    );
  });

  it('a backlog uses the quota in full: calls wait no longer than their tokens need', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 2, maxLength: 60 }), (sizes) => {
        const calls = sizes.map((tokens) => ({ tokens, latencyMs: 1000, pauseMs: 0 }));
        const sendings = simulate(governorWith(), calls);
        const tokens = sizes.reduce((sum, size) => sum + size, 0);

        // Each wait is rounded up to a whole millisecond.
        expect(secondsOf(sendings)).toBeLessThanOrEqual(
          Math.max(0, tokens - 5000) / 1000 + sizes.length / 1000,
        );
      }),
    );
  });

  it('every call goes in the end, even one larger than the bucket', () => {
    fc.assert(
      fc.property(someCalls(50_000), (calls) => {
        expect(simulate(governorWith(), calls)).toHaveLength(calls.length);
      }),
    );
  });

  it('a successor sends no more than its predecessor would have', () => {
    const before = fc.array(fc.integer({ min: 1, max: 5000 }), { maxLength: 20 });

    fc.assert(
      fc.property(
        before,
        fc.integer({ min: 1, max: 5000 }),
        fc.nat({ max: 20_000 }),
        (sizes, tokens, laterMs) => {
          const owner = governorWith();
          const lastMs =
            simulate(
              owner,
              sizes.map((size) => ({ tokens: size, latencyMs: 100, pauseMs: 0 })),
            ).at(-1)?.atMs ?? START_MS;
          const snapshot = owner.snapshot(lastMs);
          const nowMs = lastMs + laterMs;
          const successor = governorWith({ snapshot, atMs: nowMs });
          const mayStay = owner.mayGo(call(tokens), nowMs);
          const mayFollow = successor.mayGo(call(tokens), nowMs);

          if (mayFollow.go) expect(mayStay).toEqual(GO);
          // The margin is five seconds of quota at most: the whole bucket.
          else expect(mayFollow.waitMs - (mayStay.go ? 0 : mayStay.waitMs)).toBeLessThanOrEqual(5001);
        },
      ),
    );
  });
});
