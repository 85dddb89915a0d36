import type { Environment } from '../../functions/runtime/environment.ts';
import packageJson from '../../package.json';
import type { Credentials } from '../../shared/adapters/aws-signing.ts';
import type { Settings } from '../../shared/contract/settings.ts';
import { type ApiTarget, createApiClient } from '../api-client.ts';
import { DEFAULT_PORTS, LOCAL_API } from '../default-ports.ts';
import { checkAws } from './check-aws.ts';
import { checkDataFolder, checkPorts, judgeNode, type NamedPort } from './check-machine.ts';
import { checkPipeline } from './check-pipeline.ts';
import { type Finding, failed, ok } from './finding.ts';

export interface Examination {
  /** Or why there are none. */
  readonly settings: Settings | Error;
  readonly env: Environment;
  /** The pipeline that was named, if one was. */
  readonly target: ApiTarget | undefined;
  readonly credentials: (region: string) => () => Promise<Credentials>;
  readonly dataDir: string;
  readonly isAwsAsked: boolean;
  readonly isDeployed: boolean;
  readonly isCalled: boolean;
  readonly nowMs: () => number;
  /** Where a pipeline of this machine would be. */
  readonly here?: { readonly api: string; readonly ports: readonly NamedPort[] };
  readonly patienceMs?: number;
}

const START_PORTS: readonly NamedPort[] = [
  { port: DEFAULT_PORTS.api, option: '--port' },
  { port: DEFAULT_PORTS.cloud, option: '--cloud-port' },
  { port: DEFAULT_PORTS.simulator, option: '--simulator-port' },
];

const judgeSettings = (settings: Settings | Error): Finding => {
  if (settings instanceof Error)
    return failed(
      'settings',
      settings.message,
      'See docs/reference/configuration.md; nothing that depends on them was looked at.',
    );
  const pools = Object.entries(settings.models).map(([name, { model_id: id }]) => `${name} (${id})`);
  return ok('settings', `${settings.aws_region}, ${pools.join(', ')}`);
};

/** Whether what listens there is a pipeline of ours. */
const isPipeline = async (endpoint: string): Promise<boolean> => {
  try {
    const response = await fetch(new URL('/health', endpoint), { signal: AbortSignal.timeout(2000) });
    return ((await response.json()) as { readonly status?: unknown }).status === 'ok';
  } catch {
    return false;
  }
};

const pipelineAt = (target: ApiTarget, { nowMs, patienceMs }: Examination): Promise<readonly Finding[]> =>
  checkPipeline({
    // Whoever asks what is wrong is not helped by waiting for it to be right.
    api: createApiClient(target, { pause: async () => {} }),
    nowMs,
    ...(patienceMs === undefined ? {} : { patienceMs }),
  });

const checkHere = async (examination: Examination): Promise<readonly Finding[]> => {
  const { api, ports } = examination.here ?? { api: LOCAL_API, ports: START_PORTS };
  const running = (await isPipeline(api))
    ? await pipelineAt({ endpoint: api }, examination)
    : [await checkPorts(ports)];
  return [checkDataFolder(examination.dataDir), ...running];
};

const isBroken = (settings: Settings | Error): settings is Error => settings instanceof Error;

/** Everything that can be looked at, in the order in which it is mended. */
export const examine = async (examination: Examination): Promise<readonly Finding[]> => {
  const { settings, env, target, credentials, isAwsAsked, isDeployed, isCalled, nowMs } = examination;
  const isNeeded = isAwsAsked || isDeployed || isCalled;
  const machine = [judgeNode(process.versions.node, packageJson.engines.node), judgeSettings(settings)];
  const aws =
    isBroken(settings) || (target !== undefined && !isNeeded)
      ? []
      : await checkAws({
          settings,
          env,
          credentials: credentials(settings.aws_region),
          nowMs,
          isNeeded,
          isDeployed,
          isCalled,
        });
  const running = target === undefined ? await checkHere(examination) : await pipelineAt(target, examination);
  return [...machine, ...aws, ...running];
};
