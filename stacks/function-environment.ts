import type { EnvNameOf } from '../shared/contract/env.ts';
import type { FunctionName } from '../shared/contract/functions.ts';
import { inEnvironment } from '../shared/contract/resources.ts';
import type { Settings } from '../shared/contract/settings.ts';
import { eventsTopicArn } from './arn.ts';
import { toFunctionSettings } from './function-settings.ts';
import { partitionOf } from './partition.ts';

/** Where a function finds what it works with. */
export interface Addresses {
  readonly account: string;
  readonly requestsTable: string;
  readonly reportingTable: string;
  readonly bucket: string;
}

export type FunctionEnvironments = { readonly [F in FunctionName]: Readonly<Record<EnvNameOf<F>, string>> };

/** A queue's URL is its region, its account and its name, so that one prefix stands for all of them. */
const queueUrlPrefix = ({ aws_region: region, environment }: Settings, account: string): string =>
  `https://sqs.${region}.${partitionOf(region).dnsSuffix}/${account}/${inEnvironment(environment, '')}`;

/** The environment of every function, as the contract lists it; a name too few or too many does not compile. */
export const functionEnvironments = (settings: Settings, addresses: Addresses): FunctionEnvironments => {
  const shared = {
    SMOOTHER_SETTINGS: JSON.stringify(toFunctionSettings(settings)),
    SMOOTHER_REQUESTS_TABLE: addresses.requestsTable,
    SMOOTHER_BUCKET: addresses.bucket,
  };
  const reads = {
    ...shared,
    SMOOTHER_REPORTING_TABLE: addresses.reportingTable,
  } satisfies Record<EnvNameOf<'query'>, string>;
  const holds = {
    ...shared,
    SMOOTHER_QUEUE_URL_PREFIX: queueUrlPrefix(settings, addresses.account),
  } satisfies Record<EnvNameOf<'splitter'>, string>;
  const writes = {
    ...holds,
    SMOOTHER_REPORTING_TABLE: addresses.reportingTable,
  } satisfies Record<EnvNameOf<'ingestion' | 'prioritization' | 'reconciler'>, string>;
  const tells = {
    SMOOTHER_SETTINGS: shared.SMOOTHER_SETTINGS,
    SMOOTHER_QUEUE_URL_PREFIX: holds.SMOOTHER_QUEUE_URL_PREFIX,
    SMOOTHER_REPORTING_TABLE: addresses.reportingTable,
    SMOOTHER_EVENTS_TOPIC_ARN: eventsTopicArn(settings, addresses.account),
  } satisfies Record<EnvNameOf<'notification'>, string>;
  return {
    notification: tells,
    ingestion: writes,
    prioritization: writes,
    splitter: holds,
    reconciler: writes,
    query: reads,
  };
};
