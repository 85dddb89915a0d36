import { percentile } from '../../../cli/simulate/percentile.ts';
import { PRIORITIES, type Priority } from '../../../shared/contract/priorities.ts';
import type { ClassWaits } from '../algorithms/measure.ts';
import { mostInFlight } from '../priority-waits.ts';
import { BURST_SECONDS, type Setting, type SocketRequest, tokensPerMinuteOf } from './load.ts';
import { MODEL_ID } from './simulator.ts';
import type { SocketContender, SocketRun } from './socket-contender.ts';

export interface SocketMeasured {
  readonly contender: string;
  readonly setup: string;
  readonly requests: number;
  readonly answered: number;
  readonly answered_again: number;
  readonly lost: number;
  readonly sent_twice: number;
  readonly calls: number;
  readonly throttled_percent: number;
  /** Charged of granted, once what was stored is spent and until the last request arrives. */
  readonly use_percent: number;
  readonly most_in_flight: number;
  /** From arrival to the call that was admitted. */
  readonly waits: Readonly<Record<Priority, ClassWaits>>;
}

const round = (value: number, digits: number): number => Number(value.toFixed(digits));

/** After that what was stored has been spent, at twice the rate or faster. */
const WARM_SECONDS = 2 * BURST_SECONDS;

const usePercent = (setting: Setting, { startedAtMs, truth }: SocketRun): number => {
  const fromS = Math.ceil(startedAtMs / 1000) + WARM_SECONDS;
  const toS = Math.floor(startedAtMs / 1000) + setting.seconds;
  const seconds = truth.models[MODEL_ID]?.per_second ?? [];
  const settled = seconds
    .filter(({ at_s }) => at_s >= fromS && at_s < toS)
    .reduce((sum, { settled_tokens }) => sum + settled_tokens, 0);
  return (100 * settled * 60) / (tokensPerMinuteOf(setting) * (toS - fromS));
};

const admittedAt = ({ truth }: SocketRun): ReadonlyMap<string, readonly number[]> => {
  const admitted = new Map<string, number[]>();
  for (const { marker, status, at_ms } of truth.recent_calls ?? [])
    if (status !== 429) admitted.set(marker, [...(admitted.get(marker) ?? []), at_ms]);
  return admitted;
};

export const measureSockets = (
  setting: Setting,
  requests: readonly SocketRequest[],
  { name, setup }: SocketContender,
  run: SocketRun,
): SocketMeasured => {
  const { truth, answers, lost, startedAtMs } = run;
  const admitted = admittedAt(run);
  // The marker of a call is the beginning of its text, which goes on with what the model is told.
  const callsOf = ({ prompt }: SocketRequest): readonly number[] => admitted.get(prompt.slice(0, 60)) ?? [];
  const waitsOf = (priority: Priority): ClassWaits => {
    const waits = requests
      .filter((request) => request.priority === priority && answers.has(request.id))
      .map((request) => ((callsOf(request).at(-1) ?? 0) - startedAtMs - request.arrivesAtMs) / 1000);
    return {
      p50_seconds: round(percentile(waits, 0.5), 2),
      p99_seconds: round(percentile(waits, 0.99), 2),
    };
  };
  return {
    contender: name,
    setup,
    requests: requests.length,
    answered: answers.size,
    answered_again: [...answers.values()].filter((times) => times > 1).length,
    lost,
    sent_twice: requests.filter((request) => callsOf(request).length > 1).length,
    calls: truth.calls,
    throttled_percent: round((100 * truth.refused) / truth.calls, 2),
    use_percent: round(usePercent(setting, run), 1),
    most_in_flight: mostInFlight((truth.recent_calls ?? []).filter(({ status }) => status !== 429)),
    waits: Object.fromEntries(PRIORITIES.map((name) => [name, waitsOf(name)])) as Record<
      Priority,
      ClassWaits
    >,
  };
};
