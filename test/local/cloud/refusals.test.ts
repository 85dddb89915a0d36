import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteItemCommand,
  PutItemCommand,
  UpdateTableCommand,
} from '@aws-sdk/client-dynamodb';
import {
  CreateBucketCommand,
  type CreateBucketCommandInput,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type PutObjectCommandInput,
} from '@aws-sdk/client-s3';
import { CreateTopicCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand } from '@aws-sdk/client-sqs';
import { type CloudHarness, refusalOf, startHarness } from './cloud-harness.ts';

/** What would do something in AWS and does nothing here is refused; what changes nothing is taken. */
const Bucket = 'refusing';
const ALLOW = '{"Statement":[{"Effect":"Allow","Principal":"*","Action":"sqs:*"}]}';
const DENY = '{"Statement":{"Effect":"Deny","Principal":"*","Action":"sqs:*"}}';
let harness: CloudHarness;
let made = 0;

beforeAll(async () => {
  harness = await startHarness();
  await harness.s3.send(new CreateBucketCommand({ Bucket }));
});
afterAll(() => harness.stop());

const createQueue = (Attributes: Record<string, string>) =>
  harness.sqs.send(new CreateQueueCommand({ QueueName: `refused-${made++}`, Attributes }));
const createTopic = (Attributes: Record<string, string>) =>
  harness.sns.send(new CreateTopicCommand({ Name: `refused-${made++}`, Attributes }));
const createBucket = (input: Partial<CreateBucketCommandInput>) =>
  harness.s3.send(new CreateBucketCommand({ Bucket: `refused-${made++}`, ...input }));
const put = (input: Partial<PutObjectCommandInput>) =>
  harness.s3.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'a', ...input }));
const createTable = (input: Partial<CreateTableCommandInput>) =>
  harness.dynamoDb.send(
    new CreateTableCommand({
      TableName: `refused-${made++}`,
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
      ...input,
    }),
  );

test.each([
  ['a policy that denies', { Policy: DENY }],
  ['a policy that is none', { Policy: 'x' }],
  ['an encryption that is neither true nor false', { SqsManagedSseEnabled: 'yes' }],
  ['a period that is no number', { KmsDataKeyReusePeriodSeconds: 'long' }],
])('SQS refuses %s', async (_, attributes) => {
  const refusal = await refusalOf(createQueue(attributes as Record<string, string>));
  expect(refusal).toMatchObject({ name: 'InvalidAttributeValue', status: 400 });
});

test('SQS takes a policy that allows, and encryption', async () => {
  await createQueue({ Policy: ALLOW, SqsManagedSseEnabled: 'true', KmsDataKeyReusePeriodSeconds: '300' });
});

test.each([
  ['a policy that denies', { Policy: DENY }],
  ['a third version of signatures', { SignatureVersion: '3' }],
  ['active tracing', { TracingConfig: 'Active' }],
])('SNS refuses %s', async (_, attributes) => {
  const refusal = await refusalOf(createTopic(attributes as Record<string, string>));
  expect(refusal).toMatchObject({ name: 'InvalidParameterException', status: 400 });
});

test('SNS takes a policy that allows, a display name and tracing that passes through', async () => {
  await createTopic({ Policy: ALLOW, DisplayName: 'alarms', TracingConfig: 'PassThrough' });
});

test.each<[string, Partial<CreateBucketCommandInput>, string]>([
  ['a public bucket', { ACL: 'public-read' }, 'NotImplemented'],
  ['object locks', { ObjectLockEnabledForBucket: true }, 'NotImplemented'],
  ['owners by object', { ObjectOwnership: 'ObjectWriter' }, 'NotImplemented'],
  ['grants', { GrantRead: 'id=1' }, 'NotImplemented'],
  ['tags', { CreateBucketConfiguration: { Tags: [{ Key: 'a', Value: 'b' }] } }, 'NotImplemented'],
  [
    'another region',
    { CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } },
    'IllegalLocationConstraintException',
  ],
])('S3 refuses %s', async (_, input, name) => {
  expect(await refusalOf(createBucket(input))).toMatchObject({ name });
});

test.each<[string, Partial<PutObjectCommandInput>, string]>([
  ['an ACL', { ACL: 'public-read' }, 'NotImplemented'],
  ['an archive', { StorageClass: 'GLACIER' }, 'InvalidStorageClass'],
  ['keys of KMS', { ServerSideEncryption: 'aws:kms' }, 'NotImplemented'],
  ['a key of its own', { SSEKMSKeyId: 'k', ServerSideEncryption: 'AES256' }, 'NotImplemented'],
  ['the bucket of somebody else', { ExpectedBucketOwner: '111111111111' }, 'AccessDenied'],
])('S3 refuses an object with %s', async (_, input, name) => {
  expect(await refusalOf(put(input))).toMatchObject({ name });
  expect(await refusalOf(harness.s3.send(new HeadObjectCommand({ Bucket, Key: 'a' })))).toMatchObject({
    status: 404,
  });
});

test('S3 takes what is so anyway', async () => {
  await createBucket({ ACL: 'private', ObjectOwnership: 'BucketOwnerEnforced' });
  const usual = { ACL: 'private', StorageClass: 'STANDARD', ServerSideEncryption: 'AES256' } as const;
  await put({ Key: 'usual', ...usual, ExpectedBucketOwner: '000000000000' });
  await harness.s3.send(new GetObjectCommand({ Bucket, Key: 'usual', ExpectedBucketOwner: '000000000000' }));
});

test('S3 tells the owner when it is asked to', async () => {
  await put({ Key: 'owned' });
  const owners = async (FetchOwner: boolean) =>
    (await harness.s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'owned', FetchOwner }))).Contents?.map(
      ({ Owner }) => Owner?.ID,
    );
  expect(await owners(true)).toEqual(['local']);
  expect(await owners(false)).toEqual([undefined]);
  const older = await harness.s3.send(new ListObjectsCommand({ Bucket, Prefix: 'owned' }));
  expect(older.Contents?.[0]?.Owner?.ID).toBe('local');
});

test.each<[string, Partial<CreateTableCommandInput>]>([
  ['streams', { StreamSpecification: { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' } }],
  ['protection from deletion', { DeletionProtectionEnabled: true }],
  ['tags at its creation', { Tags: [{ Key: 'a', Value: 'b' }] }],
  ['a policy', { ResourcePolicy: '{}' }],
  ['limits', { OnDemandThroughput: { MaxReadRequestUnits: 1 } }],
])('DynamoDB refuses a table with %s', async (_, input) => {
  expect(await refusalOf(createTable(input))).toMatchObject({ name: 'ValidationException', status: 400 });
});

test('DynamoDB takes a table with what changes nothing', async () => {
  await createTable({
    StreamSpecification: { StreamEnabled: false },
    DeletionProtectionEnabled: false,
    TableClass: 'STANDARD_INFREQUENT_ACCESS',
    SSESpecification: { Enabled: true },
    Tags: [],
  });
});

test('DynamoDB refuses to protect a table later, and to tell the item of a failed condition', async () => {
  const TableName = (await createTable({})).TableDescription?.TableName;
  const protect = new UpdateTableCommand({ TableName, DeletionProtectionEnabled: true });
  expect(await refusalOf(harness.dynamoDb.send(protect))).toMatchObject({ name: 'ValidationException' });
  const asked = { TableName, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const;
  const refusals = [
    harness.dynamoDb.send(new PutItemCommand({ ...asked, Item: { id: { S: 'a' } } })),
    harness.dynamoDb.send(new DeleteItemCommand({ ...asked, Key: { id: { S: 'a' } } })),
  ];
  for (const refused of refusals) {
    expect((await refusalOf(refused)).message).toContain('read the item after a condition has failed');
  }
  // The word in an item is only a word.
  const Item = { id: { S: 'a' }, ReturnValuesOnConditionCheckFailure: { S: 'ALL_OLD' } };
  await harness.dynamoDb.send(new PutItemCommand({ TableName, Item }));
});
