import { z } from 'zod';
import { describeResources, inEnvironment } from '../../shared/contract/resources.ts';
import type { Settings } from '../../shared/contract/settings.ts';
import { bucketName } from '../../shared/core/bucket-name.ts';
import type { AskAws, AwsAnswer, AwsQuestion } from './ask-aws.ts';
import { type Finding, failed, ok, warning } from './finding.ts';

export interface DeploymentPlace {
  readonly settings: Settings;
  readonly account: string;
  readonly ask: AskAws;
}

const NOT_THERE = new Set([
  'AWS.SimpleQueueService.NonExistentQueue',
  'QueueDoesNotExist',
  'ResourceNotFoundException',
]);

/** Why something could not be looked at, in the same words for each kind of it. */
const troubleOf = (
  check: string,
  answer: Exclude<AwsAnswer, { kind: 'answered' }>,
  action: string,
): Finding => {
  if (answer.kind === 'silent')
    return failed(check, `cannot be reached: ${answer.reason}`, 'Check the region and the network.');
  if (NOT_THERE.has(answer.fault) || answer.status === 404)
    return failed(
      check,
      'is not there',
      'Deploy (`npm run deploy`), or see that aws_region and `environment` are those of the deployment.',
    );
  return failed(check, `${answer.fault || answer.status} ${answer.message}`.trim(), `Allow ${action}.`);
};

const json = (target: string, body: unknown): Pick<AwsQuestion, 'method' | 'path' | 'headers' | 'body'> => ({
  method: 'POST',
  path: '/',
  headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': target },
  body: JSON.stringify(body),
});

const attributesSchema = z.object({ Attributes: z.object({ ApproximateNumberOfMessages: z.string() }) });
const urlSchema = z.object({ QueueUrl: z.string() });

const askQueue = async (name: string, { settings, ask }: DeploymentPlace): Promise<AwsAnswer> => {
  const at = { service: 'sqs', region: settings.aws_region } as const;
  const found = await ask({ ...at, ...json('AmazonSQS.GetQueueUrl', { QueueName: name }) });
  if (found.kind !== 'answered') return found;
  const { QueueUrl } = urlSchema.parse(JSON.parse(found.text));
  const AttributeNames = ['ApproximateNumberOfMessages'];
  return ask({ ...at, ...json('AmazonSQS.GetQueueAttributes', { QueueUrl, AttributeNames }) });
};

const messagesIn = (text: string): number =>
  Number(attributesSchema.parse(JSON.parse(text)).Attributes.ApproximateNumberOfMessages);

/** A line for all that are well, and one for each that is not. */
const checkQueues = async (place: DeploymentPlace): Promise<readonly Finding[]> => {
  const { settings } = place;
  const { queues } = describeResources(settings);
  const looks = await Promise.all(
    queues.map(async ({ name }) => {
      const check = `queue ${inEnvironment(settings.environment, name)}`;
      const answer = await askQueue(inEnvironment(settings.environment, name), place);
      if (answer.kind !== 'answered')
        return troubleOf(check, answer, 'sqs:GetQueueUrl and sqs:GetQueueAttributes');
      const messages = messagesIn(answer.text);
      const isDeadLetters = name.endsWith('-dlq') || name.startsWith('dead-letter-');
      return isDeadLetters && messages > 0
        ? warning(
            check,
            `holds ${messages} dead letters`,
            'See `smoother dead-letters`, and the runbook in docs/operations.md.',
          )
        : undefined;
    }),
  );
  const troubles = looks.filter((look) => look !== undefined);
  const rest = queues.length - troubles.length;
  return [...(rest === 0 ? [] : [ok('queues', `${rest} of ${queues.length} are there`)]), ...troubles];
};

const tableSchema = z.object({ Table: z.object({ TableStatus: z.string() }) });

const checkTable = async (name: string, { settings, ask }: DeploymentPlace): Promise<Finding> => {
  const check = `table ${inEnvironment(settings.environment, name)}`;
  const answer = await ask({
    service: 'dynamodb',
    region: settings.aws_region,
    ...json('DynamoDB_20120810.DescribeTable', { TableName: inEnvironment(settings.environment, name) }),
  });
  if (answer.kind !== 'answered') return troubleOf(check, answer, 'dynamodb:DescribeTable');
  const { TableStatus } = tableSchema.parse(JSON.parse(answer.text)).Table;
  return TableStatus === 'ACTIVE'
    ? ok(check, 'is active')
    : warning(check, `is ${TableStatus}`, 'Wait until it is ACTIVE.');
};

const checkBucket = async ({ settings, account, ask }: DeploymentPlace): Promise<Finding> => {
  const { aws_region: region, environment } = settings;
  const name = bucketName(describeResources(settings).bucket, { environment, region, account });
  const check = `bucket ${name}`;
  const answer = await ask({ service: 's3', region, method: 'HEAD', path: `/${name}` });
  return answer.kind === 'answered' ? ok(check, 'is there') : troubleOf(check, answer, 's3:ListBucket');
};

/** The queues, tables and the bucket of a deployment, by the rights of whoever asks. */
export const checkDeployment = async (place: DeploymentPlace): Promise<readonly Finding[]> => {
  const { tables } = describeResources(place.settings);
  const [queues, ...others] = await Promise.all([
    checkQueues(place),
    checkTable(tables.requests.name, place),
    checkTable(tables.reporting.name, place),
    checkBucket(place),
  ]);
  return [...queues, ...others];
};
