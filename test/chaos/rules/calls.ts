import type { CallRecord } from '../../../local/bedrock/truth.ts';
import { clientLeftStatus } from '../../../local/bedrock/truth.ts';
import type { Evidence, Rule, Span } from '../evidence.ts';
import { customIdOfMarker } from '../load.ts';
import { viewsByCustomId } from '../request-views.ts';

/** Turned away before a model saw them: nobody pays, and they are no attempts. */
const UNPAID: ReadonlySet<number | null> = new Set([400, 403, 429]);

const paidCalls = (evidence: Evidence): ReadonlyMap<string, readonly CallRecord[]> => {
  const calls = new Map<string, CallRecord[]>();
  for (const call of evidence.calls) {
    const customId = customIdOfMarker(call.marker);
    if (customId === undefined || UNPAID.has(call.status)) continue;
    const own = calls.get(customId) ?? [];
    calls.set(customId, own);
    own.push(call);
  }
  return calls;
};

/** No call without a journalled attempt: so what was paid twice says `attempts > 1`. */
export const callsAreAttempts: Rule = (evidence) => {
  const calls = paidCalls(evidence);
  return [...viewsByCustomId(evidence)].flatMap(([customId, own]) => {
    const paid = calls.get(customId)?.length ?? 0;
    const attempts = own.reduce((sum, { result }) => sum + (result?.attempts ?? 0), 0);
    if (paid <= attempts || own.some(({ result }) => result === undefined)) return [];
    const times = (calls.get(customId) ?? []).map(
      ({ at_ms, ended_at_ms, status }) => `${Math.round(at_ms)}-${Math.round(ended_at_ms ?? 0)}:${status}`,
    );
    return [
      {
        rule: 'calls_are_attempts',
        detail: `${customId} was called ${paid} times (${times.join(', ')}), and says ${attempts} attempts`,
      },
    ];
  });
};

const endOf = (call: CallRecord, killsAtMs: readonly number[]): number =>
  call.ended_at_ms ?? killsAtMs.find((atMs) => atMs >= call.at_ms) ?? Number.POSITIVE_INFINITY;

/** The simulator notices a client that has died once it runs again; this much later at the latest. */
const NOTICE_MS = 2_000;

const stoodStill = (fromMs: number, toMs: number, pauses: readonly Span[]): boolean =>
  pauses.some((pause) => pause.fromMs <= toMs && pause.toMs + NOTICE_MS >= fromMs);

/** At most one live attempt. */
export const noTwoCallsAtOnce: Rule = (evidence) => {
  const owners = viewsByCustomId(evidence);
  const { simulatorPauses, simulatorKillsAtMs } = evidence;
  return [...paidCalls(evidence)].flatMap(([customId, calls]) => {
    // Two requests of a client that asked twice without a key may run side by side.
    if ((owners.get(customId)?.length ?? 0) > 1) return [];
    const inOrder = [...calls].sort((one, other) => one.at_ms - other.at_ms);
    return inOrder.flatMap((call, index) => {
      const next = inOrder[index + 1];
      if (next === undefined || next.at_ms >= endOf(call, simulatorKillsAtMs)) return [];
      if (call.status === clientLeftStatus && stoodStill(call.at_ms, next.at_ms, simulatorPauses)) return [];
      return [
        {
          rule: 'no_two_calls_at_once',
          detail: `${customId} was called at ${Math.round(next.at_ms)} while the call of ${Math.round(call.at_ms)} ran until ${call.ended_at_ms === null ? 'an unknown end' : Math.round(call.ended_at_ms)} (status ${call.status})`,
        },
      ];
    });
  });
};
