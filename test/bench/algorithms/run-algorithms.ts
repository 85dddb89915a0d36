import { CONTENDERS } from './contenders.ts';
import { type Measured, measure } from './measure.ts';
import { boundSecondsOf, createWorkload, WORKLOAD_NAMES, type WorkloadName } from './workload.ts';

export interface WorkloadReport {
  readonly workload: WorkloadName;
  readonly title: string;
  readonly requests: number;
  /** The soonest at which the last can be sent. */
  readonly bound_seconds: number;
  readonly measured: readonly Measured[];
}

export interface AlgorithmsReport {
  readonly seed: string;
  readonly scale: number;
  readonly workloads: readonly WorkloadReport[];
}

export interface AlgorithmsOptions {
  readonly seed: string;
  readonly scale: number;
  readonly say: (text: string) => void;
}

const runWorkload = async (
  name: WorkloadName,
  { seed, scale, say }: AlgorithmsOptions,
): Promise<WorkloadReport> => {
  const workload = createWorkload(name, seed, scale);
  const measured: Measured[] = [];
  for (const { name: contender, kind, setup, run } of CONTENDERS) {
    say(`${name}: ${contender}`);
    measured.push(measure(workload, await run(workload, seed), { contender, kind, setup }));
  }
  return {
    workload: name,
    title: workload.title,
    requests: workload.requests.length,
    bound_seconds: Number(boundSecondsOf(workload).toFixed(1)),
    measured,
  };
};

/** Everybody with every workload, in virtual time. */
export const runAlgorithms = async (options: AlgorithmsOptions): Promise<AlgorithmsReport> => {
  const workloads: WorkloadReport[] = [];
  for (const name of WORKLOAD_NAMES) workloads.push(await runWorkload(name, options));
  return { seed: options.seed, scale: options.scale, workloads };
};
