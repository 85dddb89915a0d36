import fc from 'fast-check';
import { admit, openQuota, type Quota, settle } from '../../../local/bedrock/quota/quota.ts';
import type { CallUsage, Governor, PlannedCall, SentCall } from '../../../shared/core/governor/governor.ts';
import type { GovernorOptions } from '../../../shared/core/governor/governor-options.ts';

export const START_MS = 1_000_000;

export type GovernorSetup = Partial<Omit<GovernorOptions, 'pool' | 'random'>> & {
  readonly quota?: GovernorOptions['pool']['quota'];
  readonly burndown?: number;
};

export interface GovernorSubject {
  readonly name: string;
  readonly create: (setup: GovernorSetup, atMs: number) => Governor;
  /** Of the bucket that it mirrors at first. */
  readonly burstSeconds: number;
}

const TPM = { tokens_per_minute: 60_000 };
const GO = { go: true };

export const planned = (tokens: number, fields: Partial<PlannedCall> = {}): PlannedCall => ({
  priority: 'high',
  inputTokens: tokens,
  maxTokens: 0,
  ...fields,
});

export const used = (tokens: number, outputTokens = 0): CallUsage => ({
  inputTokens: tokens,
  outputTokens,
  cacheWriteTokens: 0,
});

interface Planned {
  readonly inputTokens: number;
  readonly maxTokens: number;
  /** Of max_tokens. */
  readonly share: number;
  readonly latencyMs: number;
  readonly pauseMs: number;
}

const somePlanned = fc.array(
  fc.record({
    inputTokens: fc.integer({ min: 1, max: 3000 }),
    maxTokens: fc.integer({ min: 0, max: 3000 }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    latencyMs: fc.integer({ min: 0, max: 20_000 }),
    pauseMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 20_000 })),
  }),
  { minLength: 1, maxLength: 60 },
);

interface Open {
  readonly sent: SentCall;
  readonly usage: CallUsage;
  readonly endsAtMs: number;
}

/** Sends calls as fast as the governor lets them go, and tells what happens, in order of time. */
const play = (
  governor: Governor,
  calls: readonly Planned[],
  onSent: (call: PlannedCall, nowMs: number) => void,
  onAnswered: (sent: SentCall, usage: CallUsage, nowMs: number) => void,
): number => {
  let open: Open[] = [];
  let nowMs = START_MS;
  const settleUntil = (untilMs: number): void => {
    const ended = open.filter(({ endsAtMs }) => endsAtMs <= untilMs);
    for (const { sent, usage, endsAtMs } of ended.sort((one, other) => one.endsAtMs - other.endsAtMs)) {
      onAnswered(sent, usage, endsAtMs);
      governor.answered(sent, usage, endsAtMs);
    }
    open = open.filter(({ endsAtMs }) => endsAtMs > untilMs);
  };
  for (const { inputTokens, maxTokens, share, latencyMs, pauseMs } of calls) {
    const call = planned(inputTokens, { maxTokens });
    nowMs += pauseMs;
    settleUntil(nowMs);
    let look = governor.mayGo(call, nowMs);
    for (let looks = 0; !look.go; looks++) {
      if (looks === 200) throw new Error(`a call of ${inputTokens} + ${maxTokens} tokens never goes`);
      nowMs += look.waitMs;
      settleUntil(nowMs);
      look = governor.mayGo(call, nowMs);
    }
    const sent = governor.sent(call, nowMs);
    onSent(call, nowMs);
    const usage = used(inputTokens, Math.floor(maxTokens * share));
    open.push({ sent, usage, endsAtMs: nowMs + latencyMs });
  }
  settleUntil(Number.POSITIVE_INFINITY);
  return nowMs;
};

/** What every governor must do, whatever it makes of refusals. */
export const describeGovernor = ({ name, create, burstSeconds }: GovernorSubject): void => {
  const governorWith = (setup: GovernorSetup = {}, atMs = START_MS): Governor =>
    create({ quota: TPM, burndown: 1, maxConcurrent: 1000, ...setup }, atMs);

  describe(`the ${name} governor, as any`, () => {
    it('asks nothing of what it only looks at', () => {
      const governor = governorWith();
      for (let look = 0; look < 10; look++)
        expect(governor.mayGo(planned(1000 * burstSeconds), START_MS)).toEqual(GO);
    });

    it('says how long to wait, and lets the call go after just that', () => {
      const governor = governorWith();
      governor.sent(planned(1000 * burstSeconds), START_MS);
      const look = governor.mayGo(planned(1000), START_MS + 600_000);
      expect(look).toEqual(GO);

      governor.sent(planned(1000 * burstSeconds), START_MS + 600_000);
      const later = governor.mayGo(planned(1000), START_MS + 600_000);
      expect(later.go).toBe(false);
      const waitMs = later.go ? 0 : later.waitMs;
      expect(governor.mayGo(planned(1000), START_MS + 600_000 + waitMs - 1).go).toBe(false);
      expect(governor.mayGo(planned(1000), START_MS + 600_000 + waitMs)).toEqual(GO);
    });

    it('lets a call larger than the bucket go when the bucket is full', () => {
      const governor = governorWith();
      expect(governor.mayGo(planned(10_000_000), START_MS)).toEqual(GO);
      governor.sent(planned(10_000_000), START_MS);
      expect(governor.mayGo(planned(1), START_MS + 9_000_000).go).toBe(false);
    });

    it.each(['answered', 'throttled', 'rejected', 'faulted', 'canceled', 'released'] as const)(
      'counts a call that was %s as over',
      (end) => {
        const governor = governorWith({ maxConcurrent: 1 });
        const sent = governor.sent(planned(1), START_MS);
        expect(governor.mayGo(planned(1), START_MS + 10_000)).toMatchObject({ limit: 'concurrency' });
        if (end === 'answered') governor.answered(sent, used(1), START_MS + 10_000);
        else if (end === 'throttled') governor.throttled(sent, 'tokens', START_MS + 10_000);
        else if (end === 'rejected') governor.rejected(sent, START_MS + 10_000);
        else if (end === 'faulted') governor.faulted(sent, START_MS + 10_000);
        else if (end === 'canceled') governor.canceled(sent, START_MS + 10_000);
        else governor.released(sent, START_MS + 10_000);

        expect(governor.mayGo(planned(1), START_MS + 60_000)).toEqual(GO);
        expect(governor.describe(START_MS + 60_000).concurrency.inFlight).toBe(0);
      },
    );

    it('gives what was rejected back whole, but for its being a request', () => {
      const governor = governorWith({ quota: { ...TPM, requests_per_minute: 600 } });
      governor.rejected(governor.sent(planned(500), START_MS), START_MS);
      expect(governor.remaining(START_MS)).toMatchObject({
        inFlight: 0,
        taken: { tokens_per_minute: 0, requests_per_minute: 1 },
      });
    });

    it('pauses for no number of rejected requests', () => {
      const governor = governorWith();
      for (let call = 0; call < 20; call++) {
        const atMs = START_MS + call * 1000;
        governor.rejected(governor.sent(planned(1), atMs), atMs + 1);
        expect(governor.mayGo(planned(1), atMs + 1)).toEqual(GO);
      }
    });

    it('pauses a moment after a refusal, and a quarter of an hour when the day is spent', () => {
      const governor = governorWith({ quota: { ...TPM, tokens_per_day: 8_640_000 } });
      governor.throttled(governor.sent(planned(1), START_MS), 'tokens', START_MS + 100);
      expect(governor.mayGo(planned(1), START_MS + 100)).toEqual({ go: false, limit: 'pause', waitMs: 400 });
      expect(governor.describe(START_MS + 100)).toMatchObject({
        state: 'paused',
        pausedUntilMs: START_MS + 500,
      });

      const other = governor.sent(planned(1), START_MS + 60_000);
      governor.throttled(other, 'day', START_MS + 60_100);
      expect(governor.mayGo(planned(1), START_MS + 60_100)).toEqual({
        go: false,
        limit: 'pause',
        waitMs: 900_000,
      });
    });

    it('spares the minute when the day is spent, and the day when the minute is', () => {
      const quota = { ...TPM, tokens_per_day: 8_640_000 };
      const levels = (scope: 'day' | 'tokens') => {
        const governor = governorWith({ quota });
        governor.throttled(governor.sent(planned(100), START_MS), scope, START_MS);
        return governor.snapshot(START_MS).levels;
      };

      expect(levels('day').tokens_per_minute).toBe(1000 * burstSeconds);
      expect(levels('day').tokens_per_day).toBeLessThanOrEqual(25);
      expect(levels('tokens').tokens_per_minute).toBeLessThanOrEqual(25);
      expect(levels('tokens').tokens_per_day).toBe(8_640_000);
    });

    it('counts output and input apart where they are granted apart', () => {
      const governor = governorWith({
        quota: { input_tokens_per_minute: 60_000, output_tokens_per_minute: 6000 },
        burndown: 5,
      });
      const sent = governor.sent(planned(100, { maxTokens: 50 }), START_MS);
      governor.answered(sent, used(100, 40), START_MS);

      expect(governor.remaining(START_MS).taken).toEqual({
        input_tokens_per_minute: 140,
        output_tokens_per_minute: 40,
      });
    });

    it('answers with the tokens that a call was charged', () => {
      const governor = governorWith({ burndown: 5 });
      const sent = governor.sent(planned(100, { maxTokens: 50 }), START_MS);

      expect(governor.answered(sent, { ...used(90, 20), cacheWriteTokens: 7 }, START_MS)).toBe(197);
    });

    it('describes itself in JSON of less than 1 KB a quota', () => {
      const quota = { ...TPM, requests_per_minute: 100, tokens_per_day: 8_640_000 };
      const governor = governorWith({ quota });
      governor.sent(planned(500), START_MS);
      const view = governor.describe(START_MS + 17.3);

      expect(JSON.parse(JSON.stringify(view))).toEqual(view);
      expect(JSON.stringify(view).length).toBeLessThan(3000);
      expect(view.dimensions.map(({ name: dimension, limit }) => [dimension, limit])).toEqual([
        ['tokens_per_minute', 60_000],
        ['requests_per_minute', 100],
        ['tokens_per_day', 8_640_000],
      ]);
    });

    it('shows that calls at once, not quota, keep calls back', () => {
      const governor = governorWith({ maxConcurrent: 2 });
      governor.sent(planned(10), START_MS);
      expect(governor.describe(START_MS).concurrency.bindsWhileQuotaIsFree).toBe(false);
      governor.sent(planned(10), START_MS);

      expect(governor.describe(START_MS).concurrency).toEqual({
        limit: 2,
        most: 2,
        inFlight: 2,
        others: 0,
        bindsWhileQuotaIsFree: true,
      });
    });

    it('is never refused by a service whose bucket it knows, and never waits when that has plenty', () => {
      fc.assert(
        fc.property(somePlanned, (calls) => {
          const dimension = {
            name: 'tpm' as const,
            limit: 60_000,
            periodSeconds: 60,
            algorithm: 'bucket' as const,
            burstSeconds,
            refusalCost: 0,
          };
          let quota: Quota = openQuota([dimension], START_MS);
          const onSent = ({ inputTokens, maxTokens }: PlannedCall, nowMs: number): void => {
            // A hair for the sums of fractions.
            const admission = admit(quota, { tpm: inputTokens + maxTokens - 0.001 }, nowMs);
            expect(admission.kind).toBe('admitted');
            quota = admission.quota;
          };
          const onAnswered = ({ call }: SentCall, usage: CallUsage, nowMs: number): void => {
            const hold = {
              amounts: { tpm: call.inputTokens + call.maxTokens - 0.001 },
              atMs: START_MS,
            };
            quota = settle(quota, { hold, charges: { tpm: usage.inputTokens + usage.outputTokens } }, nowMs);
          };
          play(governorWith(), calls, onSent, onAnswered);
        }),
      );
    });

    it('has what an answer gives back to spend at once', () => {
      const governor = governorWith();
      const sent = governor.sent(planned(0, { maxTokens: 3000 }), START_MS);
      expect(governor.describe(START_MS).dimensions).toMatchObject([{ level: 1000 * burstSeconds - 3000 }]);
      governor.answered(sent, used(500), START_MS);
      expect(governor.describe(START_MS).dimensions).toMatchObject([{ level: 1000 * burstSeconds - 500 }]);
    });

    it('conserves tokens: in the end just what was charged has been taken, and nothing is held', () => {
      fc.assert(
        fc.property(somePlanned, (calls) => {
          const governor = governorWith({ burndown: 5 });
          let charged = 0;
          const lastMs = play(
            governor,
            calls,
            () => {},
            (_, usage) => {
              charged += usage.inputTokens + 5 * usage.outputTokens;
            },
          );

          expect(governor.remaining(lastMs + 20_000)).toMatchObject({
            inFlight: 0,
            taken: { tokens_per_minute: charged },
          });
          expect(governor.describe(lastMs + 20_000).dimensions).toMatchObject([{ held: 0 }]);
        }),
      );
    });

    it('is told by a snapshot of at most 2.5 KB, as JSON', () => {
      const quota = { ...TPM, requests_per_minute: 100, tokens_per_day: 8_640_000 };
      const governor = governorWith({ quota });
      for (let route = 0; route < 100; route++) {
        const call = planned(333, { maxTokens: 1000, route: `a route with a rather long name ${route}` });
        governor.answered(governor.sent(call, START_MS), used(311, 17), START_MS + 1234.567);
      }
      const json = JSON.stringify(governor.snapshot(START_MS + 17_777.3));

      expect(Buffer.byteLength(json)).toBeLessThanOrEqual(2560);
      expect(JSON.parse(json)).toEqual(governor.snapshot(START_MS + 17_777.3));
    });

    it('goes on under a successor as if nothing had been interrupted, once the owner before has reported', () => {
      const history = fc.tuple(
        somePlanned,
        fc.constantFrom(undefined, 'tokens' as const, 'unknown' as const),
      );
      fc.assert(
        fc.property(history, somePlanned, ([before, scope], after) => {
          const first = governorWith({ epoch: 1, burndown: 5 });
          const lastMs =
            play(
              first,
              before,
              () => {},
              () => {},
            ) + 20_000;
          if (scope !== undefined) first.throttled(first.sent(planned(100), lastMs), scope, lastMs + 1);
          const nowMs = lastMs + 1000;
          const snapshot = JSON.parse(JSON.stringify(first.snapshot(nowMs)));
          const second = governorWith({ epoch: 2, burndown: 5, snapshot }, nowMs);
          second.others({ ...first.remaining(nowMs), takenAtMs: nowMs + 1 }, nowMs + 1);
          const sendings = (governor: Governor): readonly number[] => {
            let atMs = nowMs + 1;
            return after.map(({ inputTokens, maxTokens, pauseMs }) => {
              const call = planned(inputTokens, { maxTokens, priority: 'normal' });
              atMs += pauseMs;
              for (let look = governor.mayGo(call, atMs); !look.go; look = governor.mayGo(call, atMs))
                atMs += look.waitMs;
              governor.answered(governor.sent(call, atMs), used(inputTokens), atMs);
              return atMs;
            });
          };
          const followed = sendings(second);
          // Saved levels are whole tokens, and each wait a whole millisecond.
          for (const [index, atMs] of sendings(first).entries())
            expect(Math.abs((followed[index] ?? 0) - atMs)).toBeLessThanOrEqual(3 + index);
        }),
      );
    });

    it('counts what an earlier owner holds, and gives its surplus to the successor', () => {
      const first = governorWith({ epoch: 1 });
      const second = governorWith({ epoch: 2, snapshot: first.snapshot(START_MS) });
      const sent = first.sent(planned(3000), START_MS);
      second.others({ ...first.remaining(START_MS), takenAtMs: START_MS + 1 }, START_MS);
      expect(second.snapshot(START_MS).levels.tokens_per_minute).toBe(1000 * burstSeconds - 3000);
      expect(second.describe(START_MS).concurrency.others).toBe(1);

      first.answered(sent, used(500), START_MS);
      second.others({ ...first.remaining(START_MS), takenAtMs: START_MS + 2 }, START_MS);
      expect(second.snapshot(START_MS).levels.tokens_per_minute).toBe(1000 * burstSeconds - 500);
      expect(second.describe(START_MS).concurrency.others).toBe(0);
    });

    it('holds back what an owner may have sent unseen, until it hears of it', () => {
      const first = governorWith({ epoch: 1 });
      const second = governorWith({ epoch: 2, snapshot: first.snapshot(START_MS) });

      const margin = Math.min(6, burstSeconds) * 1000;
      expect(second.snapshot(START_MS).levels.tokens_per_minute).toBe(1000 * burstSeconds - margin);
    });
  });
};
