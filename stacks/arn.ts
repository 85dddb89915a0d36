import { EVENTS_TOPIC, laneQueuesOf } from '../shared/contract/names.ts';
import { inEnvironment } from '../shared/contract/resources.ts';
import type { Settings } from '../shared/contract/settings.ts';
import { partitionOf } from './partition.ts';

/** The region that an ARN names; nothing where it names none. */
export const regionOf = (arn: unknown): string | undefined =>
  typeof arn === 'string' ? /^arn:[^:]+:[^:]+:([^:]+):/.exec(arn)?.[1] : undefined;

/**
 * Of all lanes of a pool, which no other queue is named like but those of a pool whose name goes on: one for nine, because
 * all of a role's policies together have 10,240 characters.
 */
export const lanesArn = (
  { aws_region: region, environment }: Pick<Settings, 'aws_region' | 'environment'>,
  account: string,
  pool: string,
): string =>
  `arn:${partitionOf(region).name}:sqs:${region}:${account}:${inEnvironment(environment, laneQueuesOf(pool))}`;

/** Of the topic by which subscribers are told, where there is one. */
export const eventsTopicArn = (
  { aws_region: region, environment }: Pick<Settings, 'aws_region' | 'environment'>,
  account: string,
): string =>
  `arn:${partitionOf(region).name}:sns:${region}:${account}:${inEnvironment(environment, EVENTS_TOPIC)}`;
