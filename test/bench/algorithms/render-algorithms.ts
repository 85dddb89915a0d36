import { renderTable } from '../../../cli/simulate/render-report.ts';
import type { Priority } from '../../../shared/contract/priorities.ts';
import type { Measured } from './measure.ts';
import type { AlgorithmsReport, WorkloadReport } from './run-algorithms.ts';

const seconds = (value: number): string => (value < 10 ? value.toFixed(1) : value.toFixed(0));

const wait = ({ waits }: Measured, priority: Priority): string =>
  `${seconds(waits[priority].p50_seconds)} / ${seconds(waits[priority].p99_seconds)}`;

export const percentLost = ({ requests, answered }: Measured): string =>
  answered === requests ? '0' : ((100 * (requests - answered)) / requests).toFixed(2);

const rowsOf = ({ workload, measured }: WorkloadReport): readonly (readonly string[])[] => [
  [
    workload,
    'what runs',
    'lost %',
    'throttled %',
    'calls a request',
    'use %',
    'last sent / bound',
    'high p50 / p99 s',
    'normal',
    'low',
  ],
  ...measured.map((each) => [
    each.contender,
    each.kind,
    percentLost(each),
    each.throttled_percent.toFixed(2),
    each.calls_per_request.toFixed(3),
    each.use_percent.toFixed(1),
    each.last_sent_of_bound.toFixed(3),
    wait(each, 'high'),
    wait(each, 'normal'),
    wait(each, 'low'),
  ]),
];

export const renderAlgorithms = ({ workloads }: AlgorithmsReport): string =>
  workloads
    .map((report) => {
      const bound = `${report.title}: ${report.requests} requests, bound ${report.bound_seconds} s`;
      return `${bound}\n${renderTable(rowsOf(report))}`;
    })
    .join('\n\n');
