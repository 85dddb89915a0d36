import type { Measured } from '../algorithms/measure.ts';
import type { AlgorithmsReport, WorkloadReport } from '../algorithms/run-algorithms.ts';
import { smoother } from '../algorithms/smoother.ts';
import type { Row } from './rows.ts';

export const rowsOf = ({ workloads }: AlgorithmsReport): readonly Row[] =>
  (workloads[0]?.measured ?? []).map(({ contender }) => ({
    label: contender,
    isOurs: contender === smoother.name,
  }));

export const cell = (
  { workloads }: AlgorithmsReport,
  row: number,
  column: number,
): readonly [WorkloadReport, Measured] | undefined => {
  const workload = workloads[column];
  const measured = workload?.measured[row];
  return workload === undefined || measured === undefined ? undefined : [workload, measured];
};

/** From there on a figure of what was answered tells little. */
const LOST_TOO_MANY = 0.01;
export const losesMany = ({ requests, answered }: Measured): boolean =>
  1 - answered / requests > LOST_TOO_MANY;
