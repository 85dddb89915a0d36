import { type Bedrock, type BedrockOptions, startBedrock } from './bedrock/start-bedrock.ts';
import { type Cloud, type CloudOptions, startCloud } from './cloud/start-cloud.ts';
import { codeOf } from './user-error.ts';

/** What the parent asks for; a service that is used as given is left out. */
export interface CloudProcessRequest {
  readonly cloud?: CloudOptions;
  readonly bedrock?: BedrockOptions;
}

export type CloudProcessReply =
  | { readonly kind: 'ready'; readonly cloud?: string; readonly bedrock?: string }
  | {
      readonly kind: 'failed';
      readonly service: 'cloud' | 'simulator';
      readonly port: number;
      readonly code?: string;
      readonly message: string;
    };

type Failure = Extract<CloudProcessReply, { kind: 'failed' }>;

const failure = (service: Failure['service'], port: number, error: unknown): Failure => {
  const code = codeOf(error);
  return {
    kind: 'failed',
    service,
    port,
    message: (error as Error).message,
    ...(code === undefined ? {} : { code }),
  };
};

const running: (Cloud | Bedrock)[] = [];

const start = async ({ cloud, bedrock }: CloudProcessRequest): Promise<CloudProcessReply> => {
  let endpoints: { cloud?: string; bedrock?: string } = {};
  if (cloud !== undefined) {
    try {
      const started = await startCloud(cloud);
      running.push(started);
      endpoints = { ...endpoints, cloud: started.endpoint };
    } catch (error) {
      return failure('cloud', cloud.port, error);
    }
  }
  if (bedrock !== undefined) {
    try {
      const started = await startBedrock(bedrock);
      running.push(started);
      endpoints = { ...endpoints, bedrock: started.endpoint };
    } catch (error) {
      return failure('simulator', bedrock.port, error);
    }
  }
  return { kind: 'ready', ...endpoints };
};

const stop = async (): Promise<void> => {
  await Promise.all(running.map((service) => service.close()));
  process.exit(0);
};

// A signal to the whole group is the parent's to handle: it still needs the cloud to finish what is under way.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
// The parent is gone, however it died: who starts the next one finds the ports and the data free at once.
process.once('disconnect', () => process.exit(0));
process.on('message', (request: CloudProcessRequest | 'stop') => {
  if (request === 'stop') void stop();
  else void start(request).then((reply) => process.send?.(reply));
});
