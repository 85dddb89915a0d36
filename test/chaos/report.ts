import { RULES } from './check.ts';
import type { Evidence, Violation } from './evidence.ts';
import { viewsOf } from './request-views.ts';
import type { ChaosRun } from './run-chaos.ts';
import { describeEvent } from './schedule.ts';

export interface Report {
  readonly seed: number;
  readonly requests: number;
  readonly duration_seconds: number;
  readonly acknowledged: number;
  readonly given_up: number;
  readonly ended: Readonly<Record<string, number>>;
  readonly notifications: number;
  readonly model_calls: number;
  readonly throttled: number;
  readonly tried_more_than_once: number;
  readonly lost_attempts: number;
  readonly disturbances: Readonly<Record<string, number>>;
  readonly skipped: number;
  readonly rested_after_seconds: number;
  readonly violations: Readonly<Record<string, number>>;
}

const countBy = (names: readonly string[]): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const name of [...names].sort()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
};

const lostAttempts = ({ ledger }: Evidence): number =>
  ledger.reduce((sum, { lost_attempts }) => sum + lost_attempts, 0);

export const toReport = (
  options: { readonly seed: number; readonly requests: number; readonly durationMs: number },
  run: ChaosRun,
  violations: readonly Violation[],
): Report => {
  const { evidence, schedule } = run;
  const ends = viewsOf(evidence).flatMap(({ result }) => result ?? []);
  return {
    seed: options.seed,
    requests: options.requests,
    duration_seconds: options.durationMs / 1000,
    acknowledged: new Set(evidence.acknowledged.map(({ customId }) => customId)).size,
    given_up: run.givenUp.length,
    ended: countBy(ends.map(({ status }) => status)),
    notifications: evidence.notifications.length,
    model_calls: evidence.calls.length,
    throttled: evidence.calls.filter(({ status }) => status === 429).length,
    tried_more_than_once: ends.filter(({ attempts }) => attempts > 1).length,
    lost_attempts: lostAttempts(evidence),
    disturbances: countBy(
      schedule.map((event) => {
        if (event.kind === 'store_fault') return `${event.kind} ${event.service} ${event.fault}`;
        return 'role' in event ? `${event.kind} ${event.role}` : event.kind;
      }),
    ),
    skipped: run.skipped.length,
    rested_after_seconds: Math.round(run.restedAfterMs / 1000),
    violations: countBy(violations.map(({ rule }) => rule)),
  };
};

const toCell = (value: unknown): string =>
  typeof value === 'object' && value !== null
    ? Object.entries(value)
        .map(([name, count]) => `${name} ${count}`)
        .join(', ') || 'none'
    : String(value);

export const renderReport = (report: Report): string =>
  Object.entries(report)
    .map(([name, value]) => `  ${name.replaceAll('_', ' ').padEnd(22)} ${toCell(value)}`)
    .join('\n');

const MOST_SHOWN = 40;

/** What somebody needs to see it happen again. */
export const renderFailure = (
  run: Pick<ChaosRun, 'schedule' | 'skipped'>,
  violations: readonly Violation[],
  command: string,
): string =>
  [
    `${violations.length} violations of ${new Set(violations.map(({ rule }) => rule)).size} of ${Object.keys(RULES).length} rules:`,
    ...violations.slice(0, MOST_SHOWN).map(({ rule, detail }) => `  ${rule}: ${detail}`),
    ...(violations.length > MOST_SHOWN ? [`  and ${violations.length - MOST_SHOWN} more`] : []),
    'What was done to it:',
    ...run.schedule.map((event) => `  ${describeEvent(event)}`),
    ...run.skipped.map((what) => `  not done: ${what}`),
    `Again: ${command}`,
  ].join('\n');
