import type { FunctionName } from './functions.ts';

/** The environment variables of each function: what the stacks set is what the functions read. */
export const FUNCTION_ENV = {
  ingestion: [
    'SMOOTHER_SETTINGS',
    'SMOOTHER_QUEUE_URL_PREFIX',
    'SMOOTHER_REQUESTS_TABLE',
    'SMOOTHER_REPORTING_TABLE',
    'SMOOTHER_BUCKET',
  ],
  prioritization: [
    'SMOOTHER_SETTINGS',
    'SMOOTHER_QUEUE_URL_PREFIX',
    'SMOOTHER_REQUESTS_TABLE',
    'SMOOTHER_REPORTING_TABLE',
    'SMOOTHER_BUCKET',
  ],
  splitter: ['SMOOTHER_SETTINGS', 'SMOOTHER_QUEUE_URL_PREFIX', 'SMOOTHER_REQUESTS_TABLE', 'SMOOTHER_BUCKET'],
  reconciler: [
    'SMOOTHER_SETTINGS',
    'SMOOTHER_QUEUE_URL_PREFIX',
    'SMOOTHER_REQUESTS_TABLE',
    'SMOOTHER_REPORTING_TABLE',
    'SMOOTHER_BUCKET',
  ],
  notification: [
    'SMOOTHER_SETTINGS',
    'SMOOTHER_QUEUE_URL_PREFIX',
    'SMOOTHER_REPORTING_TABLE',
    'SMOOTHER_EVENTS_TOPIC_ARN',
  ],
  query: ['SMOOTHER_SETTINGS', 'SMOOTHER_REQUESTS_TABLE', 'SMOOTHER_REPORTING_TABLE', 'SMOOTHER_BUCKET'],
} as const satisfies Record<FunctionName, readonly string[]>;

export type EnvNameOf<F extends FunctionName> = (typeof FUNCTION_ENV)[F][number];
export type EnvName = EnvNameOf<FunctionName>;

export const ENV_MEANINGS: Readonly<Record<EnvName, string>> = {
  SMOOTHER_SETTINGS: 'The settings of `cdktf.json`, as JSON.',
  SMOOTHER_QUEUE_URL_PREFIX: 'URL of every queue up to its name within the deployment.',
  SMOOTHER_REQUESTS_TABLE: 'Name of the requests table.',
  SMOOTHER_REPORTING_TABLE: 'Name of the reporting table.',
  SMOOTHER_BUCKET: 'Name of the bucket of results and parked inputs.',
  SMOOTHER_EVENTS_TOPIC_ARN: 'The topic that subscribers are told by, where there are any.',
};
