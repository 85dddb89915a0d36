import { FUNCTIONS, type MappingDescription, mappingsOf } from '../shared/contract/functions.ts';
import { describeResources, inEnvironment, type Resources } from '../shared/contract/resources.ts';
import type { Settings } from '../shared/contract/settings.ts';
import { bucketName } from './bucket-name.ts';
import { functionEnvironments } from './function-environment.ts';

/** Lambda's own, measured as the JSON of all variables: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const ENVIRONMENT_BYTES = 4096;

/** SQS's own: sources that one dead-letter queue can name. */
const REDRIVE_SOURCES = 10;

/** Any account has an id of this length. */
const SOME_ACCOUNT = '0'.repeat(12);

const inBytes = (count: number): string => `${count.toLocaleString('en')} bytes`;

/** The functions have the settings in their environment, which is small. */
export const environmentFaults = (settings: Settings): readonly string[] => {
  const { tables, bucket } = describeResources(settings);
  const environments = functionEnvironments(settings, {
    account: SOME_ACCOUNT,
    requestsTable: inEnvironment(settings.environment, tables.requests.name),
    reportingTable: inEnvironment(settings.environment, tables.reporting.name),
    bucket: bucketName(bucket, {
      environment: settings.environment,
      region: settings.aws_region,
      account: SOME_ACCOUNT,
    }),
  });
  const largest = Math.max(
    ...Object.values(environments).map((variables) => Buffer.byteLength(JSON.stringify(variables))),
  );
  return largest <= ENVIRONMENT_BYTES
    ? []
    : [
        `The settings make a function's environment ${inBytes(largest)} and Lambda allows ${inBytes(ENVIRONMENT_BYTES)}: name fewer pools in \`models\` and tenants in \`tenants\`, or shorter ones.`,
      ];
};

const redriveFaults = ({ queues }: Resources): readonly string[] => {
  const names = new Set(queues.map(({ name }) => name));
  const sources = new Map<string, number>();
  for (const { deadLetter } of queues)
    if (deadLetter !== undefined) sources.set(deadLetter.queue, (sources.get(deadLetter.queue) ?? 0) + 1);
  return [...sources].flatMap(([target, count]) => [
    ...(names.has(target) ? [] : [`The queue \`${target}\` is named for dead letters and is not described.`]),
    ...(count <= REDRIVE_SOURCES
      ? []
      : [
          `The queue \`${target}\` takes dead letters of ${count} queues and SQS allows ${REDRIVE_SOURCES}: give some of them another.`,
        ]),
  ]);
};

const mappingFaults = ({ queues }: Resources, mappings: readonly MappingDescription[]): readonly string[] =>
  mappings.flatMap((mapping) => {
    const queue = queues.find(({ name }) => name === mapping.queue);
    const { timeoutSeconds } = FUNCTIONS[mapping.function];
    if (queue === undefined)
      return [
        `The function \`${mapping.function}\` reads the queue \`${mapping.queue}\`, which is not described.`,
      ];
    return queue.visibilityTimeoutSeconds >= timeoutSeconds
      ? []
      : [
          `The queue \`${queue.name}\` hides a message for ${queue.visibilityTimeoutSeconds} s while the function \`${mapping.function}\` may take ${timeoutSeconds} s: hide it for at least as long.`,
        ];
  });

export const resourceFaults = (
  resources: Resources,
  mappings: readonly MappingDescription[],
): readonly string[] => [...redriveFaults(resources), ...mappingFaults(resources, mappings)];

/** CloudWatch's own: figures that one alarm can compute with. */
const METRICS_OF_AN_ALARM = 10;

const spendFaults = ({ models, spend_alarm_usd_per_hour: spend }: Settings): readonly string[] => {
  const pools = Object.keys(models).length;
  return spend === undefined || pools <= METRICS_OF_AN_ALARM
    ? []
    : [
        `spend_alarm_usd_per_hour adds up ${pools} pools and CloudWatch allows ${METRICS_OF_AN_ALARM}: name fewer in \`models\`, or leave it out.`,
      ];
};

/** Whoever found the address could spend the account's money. */
const openDoorFaults = ({ api_authorization: by }: Settings): readonly string[] =>
  by === 'none'
    ? ['`api_authorization` is `none`, which is for the local run: deploy with `iam`, `jwt` or `api_key`.']
    : [];

/** What AWS would refuse, or the functions could not work with: one sentence each. */
export const findFaults = (settings: Settings): readonly string[] => [
  ...resourceFaults(describeResources(settings), mappingsOf(Object.keys(settings.models).length)),
  ...environmentFaults(settings),
  ...spendFaults(settings),
  ...openDoorFaults(settings),
];
