import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  createDynamoClient,
  createS3Client,
  createSnsClient,
  createSqsClient,
  type ServiceAddresses,
} from '../functions/runtime/compose-clients.ts';
import type { Environment } from '../functions/runtime/environment.ts';
import { createDynamoPoolStore } from '../shared/adapters/dynamo-pool-store.ts';
import type { EnvName } from '../shared/contract/env.ts';
import { QUEUES } from '../shared/contract/names.ts';
import { describeResources } from '../shared/contract/resources.ts';
import type { Settings } from '../shared/contract/settings.ts';
import { type CreatedResources, createResources, type ExplainFault } from './create-resources.ts';
import type { Services } from './start-services.ts';

/** What the functions find around them. */
export interface Surroundings {
  readonly settings: Settings;
  readonly env: Environment;
  readonly services: Services;
  readonly addresses: Required<ServiceAddresses>;
}

export interface Deployment extends Surroundings {
  readonly created: CreatedResources;
  /** Of every function: this process's own, and those that the stacks would set. */
  readonly functionEnv: Environment;
}

const variablesOf = (settings: Settings, created: CreatedResources): Readonly<Record<EnvName, string>> => ({
  SMOOTHER_SETTINGS: JSON.stringify(settings),
  SMOOTHER_QUEUE_URL_PREFIX: (created.queues[QUEUES.input]?.url ?? '').replace(/input$/, ''),
  SMOOTHER_REQUESTS_TABLE: created.requestsTable,
  SMOOTHER_REPORTING_TABLE: created.reportingTable,
  SMOOTHER_BUCKET: created.bucket,
  SMOOTHER_EVENTS_TOPIC_ARN: created.eventsTopicArn ?? 'none',
});

/** Makes sure that everything exists which the stacks would create. */
export const deploy = async (surroundings: Surroundings, explain: ExplainFault): Promise<Deployment> => {
  const { settings, env, addresses } = surroundings;
  const region = settings.aws_region;
  const clients = {
    sqs: createSqsClient(region, addresses.sqs),
    dynamodb: new DynamoDBClient({ region, ...addresses.dynamodb }),
    s3: createS3Client(region, addresses.s3),
    sns: createSnsClient(region, addresses.sns),
  };
  try {
    const created = await createResources(clients, describeResources(settings), region, explain);
    const functionEnv = { ...env, ...variablesOf(settings, created), AWS_REGION: region };
    return { ...surroundings, created, functionEnv };
  } finally {
    for (const client of Object.values(clients)) client.destroy();
  }
};

/** Writes down that whoever owned a pool before is dead; only for one who knows it for certain. */
export const endEarlierOwners = async ({ settings, created, addresses }: Deployment): Promise<void> => {
  const client = createDynamoClient(settings.aws_region, addresses.dynamodb);
  const pools = createDynamoPoolStore({ client, table: created.requestsTable });
  try {
    await Promise.all(Object.keys(settings.models).map((pool) => pools.endAll(pool)));
  } finally {
    client.destroy();
  }
};
