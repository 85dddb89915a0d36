import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { SmootherProcess } from '../../end-to-end/smoother-process.ts';
import type { Part, UnitContext, UnitReport } from '../part.ts';
import { endsByThemselves, withProbes } from '../probed/probed-system.ts';
import { crowdOfMessages } from './crowd-of-messages.ts';
import { crowdOfPolls } from './crowd-of-polls.ts';

export interface CrowdOptions {
  readonly messages: number;
  readonly polls: number;
}

export interface Crowd {
  readonly system: SmootherProcess;
  readonly samplesDir: string;
  readonly count: number;
  readonly show: UnitContext['show'];
}

/** A model that takes its time and one call at once: what is accepted waits, and nothing that is polled for ends. */
const ARGS = [
  ...['--processes', 'split', '--drains', '1'],
  '--context',
  'models={"crowd":{"model_id":"crowd-model","quota":{"tokens_per_minute":100000}}}',
  ...['--context', 'max_concurrent_executions=1'],
  ...['--context', 'longest_poll_seconds=25'],
  ...['--context', 'tenants={"default":{"max_waiting":1000000}}'],
  ...['--simulator', 'latency_scale=100'],
];

const UNITS = { messages: crowdOfMessages, polls: crowdOfPolls } as const;

export const createCrowd = (options: CrowdOptions): Part => ({
  units: Object.keys(UNITS),
  mostMinutesEach: 20,
  run: async (unit, { folder, show }): Promise<UnitReport> => {
    const name = unit as keyof typeof UNITS;
    const [dataDir, samplesDir] = [join(folder, `data-${unit}`), join(folder, `samples-${unit}`)];
    await rm(dataDir, { recursive: true, force: true });
    const report = await withProbes({ dataDir, samplesDir, args: ARGS }, async (system) => {
      const found = await UNITS[name]({ system, samplesDir, count: options[name], show });
      return { ...found, faults: [...found.faults, ...endsByThemselves(system)] };
    });
    return { unit, ...report };
  },
});
