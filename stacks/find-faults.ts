import { FUNCTIONS, type MappingDescription, mappingsOf } from '../shared/contract/functions.ts';
import { describeResources, type Resources, tellingOf } from '../shared/contract/resources.ts';
import type { Settings } from '../shared/contract/settings.ts';
import { regionOf } from './arn.ts';
import { dashboardName } from './dashboard-name.ts';
import { functionEnvironments } from './function-environment.ts';
import { policyFaults } from './policy-faults.ts';
import { sampleAddresses } from './sample-addresses.ts';
import type { DeployableSettings } from './settings.ts';

/** Lambda's own, measured as the JSON of all variables: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const ENVIRONMENT_BYTES = 4096;

/** SQS's own: sources that one dead-letter queue can name. */
const REDRIVE_SOURCES = 10;

const inBytes = (count: number): string => `${count.toLocaleString('en')} bytes`;

/** The functions have the settings in their environment, which is small. */
export const environmentFaults = (settings: Settings): readonly string[] => {
  const environments = functionEnvironments(settings, sampleAddresses(settings));
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

/** What fails again and again has to get to its dead letters before SQS forgets it. */
const retentionFaults = ({ queues }: Resources): readonly string[] =>
  queues.flatMap(({ name, deadLetter, visibilityTimeoutSeconds, retentionSeconds }) => {
    const longest = (deadLetter?.maxReceiveCount ?? 0) * visibilityTimeoutSeconds;
    return longest < retentionSeconds
      ? []
      : [
          `The queue \`${name}\` forgets a message after ${retentionSeconds} s, before ${deadLetter?.maxReceiveCount} receives of ${visibilityTimeoutSeconds} s could take it to \`${deadLetter?.queue}\`: keep it longer, or let it be received less often.`,
        ];
  });

export const resourceFaults = (
  resources: Resources,
  mappings: readonly MappingDescription[],
): readonly string[] => [
  ...redriveFaults(resources),
  ...mappingFaults(resources, mappings),
  ...retentionFaults(resources),
];

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

/** CloudWatch's own. */
const DASHBOARD_NAME_CHARACTERS = 255;

const dashboardFaults = (settings: Settings): readonly string[] => {
  const { length } = dashboardName(settings);
  return length <= DASHBOARD_NAME_CHARACTERS
    ? []
    : [
        `dashboard_name is ${length} characters with the environment behind it and CloudWatch allows ${DASHBOARD_NAME_CHARACTERS}: shorten it.`,
      ];
};

/** A key serves its own region alone. */
const keyFaults = ({ kms_key: key, aws_region: region }: Settings): readonly string[] => {
  const lies = regionOf(key);
  return lies === undefined || lies === region
    ? []
    : [`kms_key lies in ${lies} and aws_region is ${region}: name a key of ${region}, or \`create\`.`];
};

/** Whoever found the address could spend the account's money. */
const openDoorFaults = ({ api_authorization: by }: Settings): readonly string[] =>
  by === 'none'
    ? ['`api_authorization` is `none`, which is for the local run: deploy with `iam`, `jwt` or `api_key`.']
    : [];

/** What AWS would refuse, or the functions could not work with: one sentence each. */
export const findFaults = (settings: DeployableSettings): readonly string[] => [
  ...resourceFaults(
    describeResources(settings),
    mappingsOf(Object.keys(settings.models).length, tellingOf(settings)),
  ),
  ...environmentFaults(settings),
  ...policyFaults(settings),
  ...dashboardFaults(settings),
  ...keyFaults(settings),
  ...spendFaults(settings),
  ...openDoorFaults(settings),
];
