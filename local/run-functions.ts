import type { SQSClient } from '@aws-sdk/client-sqs';
import { createDoors } from '../functions/doors/handler.ts';
import type { Host } from '../functions/runtime/compose.ts';
import type { ServiceName } from '../shared/contract/functions.ts';
import { type Deployment, endEarlierOwners } from './deployment.ts';
import { forkFunctions } from './fork-functions.ts';
import type { FunctionLogs } from './function-logs.ts';
import type { ProcessList } from './process-list.ts';
import { createLocalFunctions, type LocalFunctions } from './start-functions.ts';

export interface SplitOptions {
  /** Processes of the prioritization function. */
  readonly drains: number;
  /** One sentence for the person at the terminal. */
  readonly say: (sentence: string) => void;
}

export interface RunFunctionsOptions {
  readonly deployment: Deployment;
  readonly sqs: SQSClient;
  readonly logs: FunctionLogs;
  readonly dataDir: string;
  readonly split: SplitOptions | undefined;
  readonly processes: ProcessList;
}

/** The functions, in this process or each in one of its own. */
export const runFunctions = async (options: RunFunctionsOptions): Promise<LocalFunctions> => {
  const { deployment, sqs, logs, dataDir, split, processes } = options;
  const { settings, created, addresses, functionEnv } = deployment;
  const shared = {
    queues: created.queues,
    region: settings.aws_region,
    poolCount: Object.keys(settings.models).length,
  };
  const host = (name: ServiceName): Host => ({
    env: functionEnv,
    addresses,
    writeLine: (line) => logs.writeLine(name, line),
  });
  if (split === undefined) return createLocalFunctions({ ...shared, sqs, host, onError: logs.logError });
  return forkFunctions({
    setup: { ...shared, addresses, logs: logs.folder },
    env: functionEnv,
    doors: createDoors(host('doors')),
    dataDir,
    drains: split.drains,
    endEarlierOwners: () => endEarlierOwners(deployment),
    onStarted: processes.add,
    say: split.say,
  });
};
