import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PROJECT_ROOT, type SmootherProcess, startSmoother } from '../../end-to-end/smoother-process.ts';

const PROBE = pathToFileURL(join(PROJECT_ROOT, 'test/nightly/probed/probe.mjs')).href;

export interface ProbedOptions {
  readonly dataDir: string;
  readonly samplesDir: string;
  readonly args: readonly string[];
}

/** A system of which every process tells what is left of it after each collection of garbage. */
export const withProbes = async <T>(
  { dataDir, samplesDir, args }: ProbedOptions,
  work: (system: SmootherProcess) => Promise<T>,
): Promise<T> => {
  await rm(samplesDir, { recursive: true, force: true });
  await mkdir(samplesDir, { recursive: true });
  const system = await startSmoother({
    args: ['--data', dataDir, ...args],
    env: { PROBE_SAMPLES: samplesDir, NODE_OPTIONS: `--import ${PROBE}` },
  });
  try {
    return await work(system);
  } finally {
    system.signal('SIGTERM');
    await system.ended();
  }
};

export const endsByThemselves = ({ stderrLines }: SmootherProcess): readonly string[] =>
  stderrLines.filter((line) => line.includes('ended by itself'));
