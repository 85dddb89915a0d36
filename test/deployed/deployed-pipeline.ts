import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { APIGatewayProxyEventV2, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import {
  createDocumentClient,
  createDynamoClient,
  createS3Client,
  createSnsClient,
  createSqsClient,
} from '../../functions/runtime/compose-clients.ts';
import { startBedrock } from '../../local/bedrock/start-bedrock.ts';
import { startCloud } from '../../local/cloud/start-cloud.ts';
import { type CreatedResources, createResources } from '../../local/create-resources.ts';
import { startEventSourceMapping } from '../../local/lambda/event-source-mapping.ts';
import { toBedrockOptions } from '../../local/simulator-options.ts';
import { FUNCTIONS, type FunctionName, mappingsOf } from '../../shared/contract/functions.ts';
import { describeResources } from '../../shared/contract/resources.ts';
import { ROUTES } from '../../shared/contract/routes.ts';
import { bundleFunction } from '../../stacks/lambda-bundle.ts';
import type { DeployableSettings } from '../../stacks/settings.ts';
import { httpEventOf } from '../functions/lambda-events.ts';
import { ref, resourceWith, type Synthesized } from '../stacks/harness.ts';
import { type BundleProcess, startBundle } from './bundle-process.ts';
import { type Recorder, startRecorder, type Use } from './recorder.ts';

const PROJECT_ROOT = resolve(__dirname, '../..');
const REGION = 'us-east-1';
const ACCOUNT = '000000000000';
export const CALLER_ARN = 'arn:aws:iam::000000000000:user/operator';
/** All but the one that nobody needs with these settings. */
const NAMES = (Object.keys(FUNCTIONS) as FunctionName[]).filter((name) => name !== 'notification');

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

interface LambdaAnswer {
  readonly statusCode: number;
  readonly body: string;
  readonly isBase64Encoded?: boolean;
}

export interface DeployedPipeline {
  readonly created: CreatedResources;
  readonly sqs: ReturnType<typeof createSqsClient>;
  readonly dynamodb: ReturnType<typeof createDynamoClient>;
  readonly uses: () => readonly Use[];
  readonly lines: () => readonly string[];
  /** An address that was signed for the bucket, as one of the cloud that is here. */
  here(url: string): string;
  http(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<HttpAnswer>;
  readonly documents: ReturnType<typeof createDocumentClient>;
  /** What the schedule does for a pool, to its end. */
  tick(pool: string): Promise<void>;
  /** What the other schedule does. */
  reconcile(): Promise<unknown>;
  stop(): Promise<void>;
}

const isFunction = (caller: string): boolean => (NAMES as readonly string[]).includes(caller);

/** What Terraform would put in the place of its expressions, and where AWS is: here. */
const toReal = (text: string, created: CreatedResources, endpoint: string): string =>
  text
    .replaceAll(ref('data.aws_caller_identity.caller.account_id'), ACCOUNT)
    .replaceAll(ref('aws_dynamodb_table.requests.name'), created.requestsTable)
    .replaceAll(ref('aws_dynamodb_table.reporting.name'), created.reportingTable)
    .replaceAll(ref('aws_s3_bucket.bedrock_calls.bucket'), created.bucket)
    .replaceAll(`https://sqs.${REGION}.amazonaws.com`, endpoint)
    .replaceAll(/\$\$\{/g, () => ref('').slice(0, 2));

const environmentOf = (name: FunctionName, stack: Synthesized): Readonly<Record<string, string>> => {
  const { environment } = resourceWith(stack, 'aws_lambda_function', ['function_name', `smoother-${name}`]);
  return (environment as { readonly variables: Record<string, string> }).variables;
};

/** What the stack sets, and what Lambda itself sets; with where the services are, which here are not AWS's. */
const variablesOf = (
  name: FunctionName,
  stack: Synthesized,
  created: CreatedResources,
  [cloud, bedrock]: readonly [Recorder, Recorder],
): Readonly<Record<string, string>> => ({
  ...Object.fromEntries(
    Object.entries(environmentOf(name, stack)).map(([variable, value]) => [
      variable,
      toReal(value, created, cloud.endpoint),
    ]),
  ),
  AWS_REGION: REGION,
  // Whose call it is.
  AWS_ACCESS_KEY_ID: name,
  AWS_SECRET_ACCESS_KEY: 'secret',
  AWS_LAMBDA_LOG_LEVEL: 'INFO',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  AWS_ENDPOINT_URL: cloud.endpoint,
  AWS_ENDPOINT_URL_BEDROCK_RUNTIME: bedrock.endpoint,
  AWS_ENDPOINT_URL_SERVICE_QUOTAS: bedrock.endpoint,
});

const routeOf = (method: string, path: string): FunctionName => {
  const bare = path.split('?')[0] ?? '';
  const found = ROUTES.find(
    (route) =>
      route.method === method && new RegExp(`^${route.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(bare),
  );
  return found?.function ?? 'query';
};

interface Call {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly headers: Record<string, string> | undefined;
}

/** As the gateway tells of a call: who signed it, where it has asked for that. */
const toEvent = ({ method, path, body, headers = {} }: Call, isSigned: boolean): APIGatewayProxyEventV2 => {
  const [bare = '', rawQueryString = ''] = path.split('?');
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const event = httpEventOf(method, bare, { ...sent, headers });
  const authorizer = { iam: { userArn: CALLER_ARN } };
  const requestContext = { ...event.requestContext, ...(isSigned ? { authorizer } : {}) };
  return { ...event, rawQueryString, requestContext } as unknown as APIGatewayProxyEventV2;
};

const startBundles = async (
  folder: string,
  variables: (name: FunctionName) => Readonly<Record<string, string>>,
): Promise<Readonly<Record<FunctionName, BundleProcess>>> => {
  const started = NAMES.map(async (name) => {
    const { contents } = await bundleFunction(PROJECT_ROOT, name);
    const own = mkdtempSync(join(folder, `${name}-`));
    return [name, await startBundle(own, contents, variables(name))] as const;
  });
  return Object.fromEntries(await Promise.all(started)) as Record<FunctionName, BundleProcess>;
};

/** The deployment that the stack describes, from its bundles, with its variables, on the embedded cloud. */
export const startDeployedPipeline = async (
  settings: DeployableSettings,
  stack: Synthesized,
): Promise<DeployedPipeline> => {
  const folder = mkdtempSync(join(tmpdir(), 'deployed-'));
  const cloud = await startCloud({ dataDir: join(folder, 'cloud'), port: 0, region: REGION });
  const bedrock = await startBedrock(toBedrockOptions(settings, { latency_scale: 0 }, 0));
  const address = { endpoint: cloud.endpoint, credentials: { accessKeyId: 'lambda', secretAccessKey: 'x' } };
  const sqs = createSqsClient(REGION, address);
  const dynamodb = createDynamoClient(REGION, address);
  const s3 = createS3Client(REGION, address);
  const sns = createSnsClient(REGION, address);
  const documents = createDocumentClient(REGION, address);
  const created = await createResources({ sqs, dynamodb, s3, sns }, describeResources(settings), REGION);
  const recorders = [
    await startRecorder(cloud.endpoint, isFunction),
    await startRecorder(bedrock.endpoint, isFunction),
  ] as const;
  const functions = await startBundles(folder, (name) => variablesOf(name, stack, created, recorders));
  const mappings = mappingsOf(Object.keys(settings.models).length).map((mapping) => {
    const { url = '', arn = '' } = created.queues[mapping.queue] ?? {};
    const { timeoutSeconds } = FUNCTIONS[mapping.function];
    return startEventSourceMapping({
      sqs,
      queueUrl: url,
      queueArn: arn,
      region: REGION,
      functionName: mapping.function,
      functionTimeoutSeconds: timeoutSeconds,
      batchSize: mapping.batchSize,
      maximumConcurrency: mapping.maximumConcurrency,
      reportBatchItemFailures: true,
      handler: (event: SQSEvent) =>
        functions[mapping.function].invoke(event, timeoutSeconds) as Promise<SQSBatchResponse>,
    });
  });
  return {
    created,
    sqs,
    dynamodb,
    uses: () => recorders.flatMap(({ uses }) => uses),
    lines: () => NAMES.flatMap((name) => functions[name].lines.map((line) => `${name}: ${line}`)),
    here: (url) => {
      const { pathname, search } = new URL(url);
      return `${recorders[0].endpoint}/${created.bucket}${pathname}${search}`;
    },
    documents,
    http: async (method, path, body, headers) => {
      const name = routeOf(method, path);
      const answer = await functions[name].invoke(
        toEvent({ method, path, body, headers }, settings.api_authorization === 'iam'),
        FUNCTIONS[name].timeoutSeconds,
      );
      const { statusCode, body: text, isBase64Encoded } = answer as LambdaAnswer;
      return {
        status: statusCode,
        body: isBase64Encoded === true ? Buffer.from(text, 'base64').toString('utf8') : text,
      };
    },
    tick: async (pool) => {
      const body = JSON.stringify({ pool, tick: true });
      const Records = [{ messageId: 'tick', receiptHandle: 'tick', body, attributes: {} }];
      await functions.prioritization.invoke({ Records }, FUNCTIONS.prioritization.timeoutSeconds);
    },
    reconcile: () => functions.reconciler.invoke({}, FUNCTIONS.reconciler.timeoutSeconds),
    stop: async () => {
      for (const name of NAMES) functions[name].end();
      await Promise.all(mappings.map((mapping) => mapping.stop()));
      await Promise.all(NAMES.map((name) => functions[name].stop()));
      await Promise.all(recorders.map((recorder) => recorder.close()));
      for (const client of [sqs, dynamodb, s3, documents]) client.destroy();
      await bedrock.close();
      await cloud.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
