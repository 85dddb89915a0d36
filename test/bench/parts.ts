import { renderTable } from '../../cli/simulate/render-report.ts';
import { checkAlgorithms } from './algorithms/check-algorithms.ts';
import { renderAlgorithms } from './algorithms/render-algorithms.ts';
import { runAlgorithms } from './algorithms/run-algorithms.ts';
import { measureBundles } from './bundles.ts';
import { checkCost, renderCost, runCost } from './cost/run-cost.ts';
import { measurePipeline, type PipelineMeasured } from './pipeline.ts';
import { plotCost } from './plots/plot-cost.ts';
import { plotMakespan, plotThrottles } from './plots/plot-marks.ts';
import { plotSockets } from './plots/plot-sockets.ts';
import { plotUse } from './plots/plot-use.ts';
import { plotWaits } from './plots/plot-waits.ts';
import type { Picture } from './plots/svg.ts';
import { renderProfile } from './profile/render-profile.ts';
import { checkSockets, renderSockets, runSockets } from './sockets/run-sockets.ts';

export interface PartOptions {
  readonly quick: boolean;
  readonly seed: string;
  readonly requests: number;
  /** Of the pipeline, part by part. */
  readonly profile: boolean;
  /** Requests a minute, of the sockets. */
  readonly rates: readonly number[];
  /** Part of the names of those over sockets; all, if it is empty. */
  readonly who: string;
  /** A folder that keeps what was measured over sockets. */
  readonly keep?: string;
  readonly say: (text: string) => void;
}

/** What one part of the bench found. */
export interface PartReport {
  readonly json: unknown;
  readonly table: string;
  readonly pictures: Readonly<Record<string, Picture>>;
  /** Why the run does not count; empty when it does. */
  readonly faults: readonly string[];
}

export type Part = (options: PartOptions) => Promise<PartReport>;

const QUICK_SCALE = 0.25;

const algorithms: Part = async ({ quick, seed, say }) => {
  const report = await runAlgorithms({ seed, scale: quick ? QUICK_SCALE : 1, say });
  return {
    json: report,
    table: renderAlgorithms(report),
    pictures: {
      use: plotUse(report),
      throttles: plotThrottles(report),
      waits: plotWaits(report),
      makespan: plotMakespan(report),
    },
    faults: checkAlgorithms(report),
  };
};

const sockets: Part = async (options) => {
  const report = await runSockets(options);
  return {
    json: report,
    table: renderSockets(report),
    pictures: { sockets: plotSockets(report) },
    faults: checkSockets(report),
  };
};

const cost: Part = async ({ quick, say }) => {
  const report = await runCost(quick, say);
  return {
    json: report,
    table: renderCost(report),
    pictures: { cost: plotCost(report) },
    faults: checkCost(report),
  };
};

const pipelineRow = (measured: PipelineMeasured): readonly (string | number)[] => [
  measured.door,
  measured.requests,
  measured.requests_per_second,
  measured.cpu_ms_per_request,
  measured.cloud_cpu_ms_per_request ?? '',
  measured.throttled,
];

const profilesOf = (measured: readonly PipelineMeasured[]): readonly string[] =>
  measured.flatMap(({ door, profile, requests, cpu_ms_per_request: cpuMs }) =>
    profile === undefined ? [] : [`\n${door}\n${renderProfile(profile, { cpuMs, requests })}`],
  );

const pipeline: Part = async ({ quick, requests, profile, say }) => {
  say('pipeline: queue and HTTP');
  const measured = await measurePipeline({
    requests: quick ? Math.min(requests, 500) : requests,
    profiled: profile,
  });
  const heads = ['pipeline', 'requests', 'a second', 'CPU ms a request', 'of the cloud', 'throttled'];
  return {
    json: measured,
    table: [renderTable([heads, ...measured.map(pipelineRow)]), ...profilesOf(measured)].join('\n'),
    pictures: {},
    faults: [],
  };
};

const bundles: Part = async ({ say }) => {
  say('bundles: each function imported by a process of its own');
  const measured = await measureBundles();
  const rows = measured.map((one) => [one.function, one.bytes, one.import_ms]);
  return {
    json: measured,
    table: renderTable([['bundle', 'bytes', 'import ms'], ...rows]),
    pictures: {},
    faults: [],
  };
};

export const PARTS = { algorithms, cost, bundles, sockets, pipeline } as const satisfies Readonly<
  Record<string, Part>
>;
export type PartName = keyof typeof PARTS;

export const PART_NAMES = Object.keys(PARTS) as readonly PartName[];
