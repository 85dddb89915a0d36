import type { Environment } from '../functions/runtime/environment.ts';
import { awsEndpointOf } from '../shared/adapters/aws-json-call.ts';
import { CLOUDWATCH_API } from '../shared/adapters/cloudwatch-use.ts';
import { SERVICE_QUOTAS_API } from '../shared/adapters/service-quotas-api.ts';
import type { Settings } from '../shared/contract/settings.ts';
import type { ForwardTarget } from './bedrock/service.ts';
import type { BedrockOptions } from './bedrock/start-bedrock.ts';
import type { CloudOptions } from './cloud/start-cloud.ts';
import { type CloudProcess, forkCloud } from './fork-cloud.ts';
import type { Endpoints } from './service-addresses.ts';
import { type SimulatorSettings, toBedrockOptions } from './simulator-options.ts';
import { supervise } from './supervise.ts';

export interface Services {
  readonly endpoints: Endpoints;
  readonly embedded: { readonly cloud: boolean; readonly simulator: boolean };
  stop(): Promise<void>;
}

/** Those that are not embedded are used as given. */
export interface ServicesOptions {
  readonly cloud: CloudOptions | undefined;
  readonly bedrock: BedrockOptions | undefined;
  readonly given: Partial<Endpoints>;
  readonly region: string;
  readonly env: Environment;
}

export interface WantedServices {
  readonly settings: Settings;
  readonly env: Environment;
  readonly dataDir: string;
  readonly ports: { readonly cloud: number; readonly simulator: number };
  readonly simulator: SimulatorSettings;
  readonly forward?: ForwardTarget;
}

export const toServicesOptions = (
  { settings, env, dataDir, ports, simulator, forward }: WantedServices,
  given: Partial<Endpoints>,
): ServicesOptions => {
  const region = settings.aws_region;
  const cloudNeeded = (['sqs', 'dynamodb', 's3', 'sns'] as const).some((name) => given[name] === undefined);
  return {
    cloud: cloudNeeded ? { dataDir: `${dataDir}/cloud`, port: ports.cloud, region } : undefined,
    bedrock:
      given.bedrockRuntime === undefined
        ? {
            ...toBedrockOptions(settings, simulator, ports.simulator),
            ...(forward === undefined ? {} : { forward }),
          }
        : undefined,
    given,
    region,
    // The embedded DynamoDB takes the region of its ARNs from the environment.
    env: { ...env, AWS_REGION: region },
  };
};

const endpointsOf = (
  { cloud = '', bedrock }: CloudProcess['endpoints'],
  { given, region }: ServicesOptions,
): Endpoints => ({
  sqs: cloud,
  dynamodb: cloud,
  s3: cloud,
  sns: cloud,
  bedrockRuntime: bedrock ?? '',
  // The simulator tells what it grants; of another Bedrock its own account tells it.
  serviceQuotas: bedrock ?? awsEndpointOf(SERVICE_QUOTAS_API.service, region),
  cloudWatch: bedrock ?? awsEndpointOf(CLOUDWATCH_API.service, region),
  ...given,
});

const embeddedOf = ({ cloud, bedrock }: ServicesOptions): Services['embedded'] => ({
  cloud: cloud !== undefined,
  simulator: bedrock !== undefined,
});

/** Both in one process; without it nothing works any more. */
export const startServices = async (
  options: ServicesOptions,
  onLost: (reason: string) => void,
): Promise<Services> => {
  const { cloud, bedrock, env } = options;
  const process = await forkCloud(
    { ...(cloud === undefined ? {} : { cloud }), ...(bedrock === undefined ? {} : { bedrock }) },
    env,
  );
  let stopping = false;
  void process.ended.then((reason) => {
    if (!stopping) onLost(reason);
  });
  return {
    endpoints: endpointsOf(process.endpoints, options),
    embedded: embeddedOf(options),
    stop: () => {
      stopping = true;
      return process.stop();
    },
  };
};

const portOf = (endpoint: string | undefined): number => Number(new URL(endpoint ?? '').port);

export interface Supervision {
  readonly onStarted: (role: string, pid: number) => void;
  readonly say: (sentence: string) => void;
}

const keep = async (
  role: string,
  fork: (port: number | undefined) => Promise<CloudProcess>,
  { onStarted, say }: Supervision,
) => {
  // Others know the address by now, so whoever comes after the first takes the same port.
  let port: number | undefined;
  let endpoints: CloudProcess['endpoints'] = {};
  const supervised = await supervise({
    role,
    say,
    start: async () => {
      const child = await fork(port);
      endpoints = child.endpoints;
      port = portOf(endpoints.cloud ?? endpoints.bedrock);
      return child;
    },
    onStarted: ({ pid }) => onStarted(role, pid),
  });
  return { endpoints, stop: supervised.stop };
};

/** Each in a process of its own, at the same port and with the same data whenever it is started again. */
export const startSplitServices = async (
  options: ServicesOptions,
  supervision: Supervision,
): Promise<Services> => {
  const { cloud, bedrock, env } = options;
  const kept: Awaited<ReturnType<typeof keep>>[] = [];
  const stop = async (): Promise<void> => {
    for (const { stop: stopOne } of kept.splice(0).reverse()) await stopOne();
  };
  try {
    if (cloud !== undefined)
      kept.push(
        await keep(
          'cloud',
          (port = cloud.port) => forkCloud({ cloud: { ...cloud, port } }, env),
          supervision,
        ),
      );
    if (bedrock !== undefined)
      kept.push(
        await keep(
          'simulator',
          (port = bedrock.port) => forkCloud({ bedrock: { ...bedrock, port } }, env),
          supervision,
        ),
      );
  } catch (error) {
    await stop();
    throw error;
  }
  const started = Object.assign({}, ...kept.map(({ endpoints }) => endpoints));
  return { endpoints: endpointsOf(started, options), embedded: embeddedOf(options), stop };
};
