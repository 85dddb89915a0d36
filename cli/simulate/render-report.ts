import type { Waits } from './measures.ts';
import { adviceOf, type Report } from './what-if.ts';

type Cell = string | number;

const seconds = (value: number): string => (Number.isFinite(value) ? `${value.toFixed(2)} s` : '-');
const percent = (share: number, digits = 1): string => `${(100 * share).toFixed(digits)} %`;

const pad = (cell: string, width: number, isFirst: boolean): string =>
  isFirst ? cell.padEnd(width) : cell.padStart(width);

/** Columns as wide as they need to be; the first is text, the others are figures. */
export const renderTable = (rows: readonly (readonly Cell[])[]): string => {
  const texts = rows.map((row) => row.map(String));
  const widths = (texts[0] ?? []).map((_, column) =>
    Math.max(...texts.map((row) => row[column]?.length ?? 0)),
  );
  return texts
    .map((row) =>
      row
        .map((cell, column) => pad(cell, widths[column] ?? 0, column === 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};

const waitRows = (title: string, waits: readonly Waits[]): string =>
  renderTable([
    [title, 'requests', 'mean wait', 'p50', 'p95', 'p99', 'unanswered'],
    ...waits.map((each) => [
      each.name,
      each.requests,
      seconds(each.meanSeconds),
      seconds(each.p50Seconds),
      seconds(each.p95Seconds),
      seconds(each.p99Seconds),
      each.unanswered,
    ]),
  ]);

const MOST_TENANTS = 20;

export const renderReport = (report: Report): string => {
  const { calls, byTenant } = report;
  const slowest = byTenant.toSorted((one, other) => other.p95Seconds - one.p95Seconds).slice(0, MOST_TENANTS);
  return [
    renderTable([
      ['requests', calls.requests],
      ['quota used until the last was sent', percent(report.use)],
      ['throttled calls', `${calls.throttles} (${percent(calls.throttledShare, 2)})`],
      ['calls per request', calls.callsPerRequest.toFixed(3)],
      ['last request sent after', seconds(report.lastAdmissionSeconds)],
      ['last answer after', seconds(report.lastAnswerSeconds)],
      ['model cost', `$${report.costUsd.toFixed(2)}`],
    ]),
    waitRows('class', report.byPriority),
    waitRows(byTenant.length > MOST_TENANTS ? `slowest ${MOST_TENANTS} tenants` : 'tenant', slowest),
    renderTable([
      ['what if', 'quota used', 'longest p95', 'last sent after'],
      ...report.changes.map(({ what, use, p95Seconds, lastAdmissionSeconds }) => [
        what,
        percent(use),
        seconds(p95Seconds),
        seconds(lastAdmissionSeconds),
      ]),
    ]),
    adviceOf(report),
    ...(report.concurrencyBinds
      ? ['Calls at once, not the quota, keep most requests waiting: raise max_concurrent_executions.']
      : []),
  ].join('\n\n');
};
