import type { TerraformStack } from 'cdktf';
import { type FunctionName, mappingsOf } from '../shared/contract/functions.ts';
import { describeResources, tellingOf } from '../shared/contract/resources.ts';
import type { LogKeeping } from './constructs/log-group.ts';
import { PipelineFunction, type PipelineFunctionProps } from './constructs/pipeline-function.ts';
import { functionEnvironments } from './function-environment.ts';
import type { LambdaArchives } from './lambda-archive.ts';
import { functionPermissions, type Stores } from './permissions.ts';
import { reservedConcurrency } from './reserved-concurrency.ts';
import type { DeployableSettings } from './settings.ts';
import { toTemplateText } from './template-text.ts';

export interface FunctionsOptions {
  readonly settings: DeployableSettings;
  readonly stores: Stores;
  readonly archives: LambdaArchives;
  readonly account: string;
  readonly logs: LogKeeping;
  readonly kmsKeyArn: string | undefined;
}

/** All but those that the settings have no use for. */
export type DeployedFunctions = Readonly<Record<Exclude<FunctionName, 'notification'>, PipelineFunction>> & {
  readonly notification?: PipelineFunction;
};

export interface Functions {
  readonly functions: DeployedFunctions;
  /** The reads once more, behind a URL of their own, where the settings ask for it. */
  readonly reader: PipelineFunction | undefined;
}

/** The same code as of `query`, streaming its answers. */
export const READER = { name: 'query-stream', handler: 'index.streamHandler', timeoutSeconds: 900 } as const;

/** A batch that waits for room, for days if need be, does so as a delayed message of the splitter's own queue. */
const WAITS_BY_MESSAGES: FunctionName = 'splitter';

/** The queue for dead letters of the queue that invokes the function. */
const deadLetterArn = (name: FunctionName, { settings, stores }: FunctionsOptions): string | undefined => {
  const mapping = mappingsOf(Object.keys(settings.models).length, tellingOf(settings)).find(
    ({ function: of }) => of === name,
  );
  const queue = describeResources(settings).queues.find((described) => described.name === mapping?.queue);
  return queue?.deadLetter === undefined ? undefined : stores.queues.get(queue.deadLetter.queue).arn;
};

export const functionsOf = (stack: TerraformStack, options: FunctionsOptions): Functions => {
  const { settings, stores, archives, account, logs, kmsKeyArn } = options;
  const environments = functionEnvironments(settings, {
    account,
    requestsTable: stores.requests.name,
    reportingTable: stores.reporting.name,
    bucket: stores.bucket.name,
  });
  const permissions = functionPermissions({ ...stores, kmsKeyArn }, settings, account);
  const propsOf = (name: FunctionName): PipelineFunctionProps => ({
    name,
    region: settings.aws_region,
    archive: archives[name],
    environment: {
      ...environments[name],
      SMOOTHER_SETTINGS: toTemplateText(environments[name].SMOOTHER_SETTINGS),
    },
    permissions: permissions[name],
    logs,
    permissionsBoundaryArn: settings.permissions_boundary,
    kmsKeyArn,
  });
  const reserved = reservedConcurrency(settings);
  const create = (name: FunctionName): PipelineFunction =>
    new PipelineFunction(stack, name, {
      ...propsOf(name),
      reservedConcurrency: reserved[name],
      deadLetterArn: deadLetterArn(name, options),
      invokesItself: name === WAITS_BY_MESSAGES,
    });
  const { subscribers, callbacks } = tellingOf(settings);
  return {
    functions: {
      ...(subscribers || callbacks ? { notification: create('notification') } : {}),
      ingestion: create('ingestion'),
      prioritization: create('prioritization'),
      splitter: create('splitter'),
      reconciler: create('reconciler'),
      query: create('query'),
    },
    reader: settings.function_url
      ? new PipelineFunction(stack, READER.name, {
          ...propsOf('query'),
          variant: READER,
          reservedConcurrency: reserved.reader,
        })
      : undefined,
  };
};
