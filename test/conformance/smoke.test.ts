import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { canImport, isOnPath, type RunningTarget, TARGETS } from './targets.ts';

const run = promisify(execFile);
/** Python takes a second or two to load its clients. */
const TIMEOUT_MS = 60_000;

let cloud: RunningTarget;
let directory: string;
beforeAll(async () => {
  cloud = await TARGETS.ours.start();
  directory = await mkdtemp(join(tmpdir(), 'smoke-'));
});
afterAll(async () => {
  await cloud.stop();
  await rm(directory, { recursive: true, force: true });
});

/** The clients of others read nothing of the user's. */
const environment = () => ({
  PATH: process.env.PATH,
  HOME: directory,
  AWS_ACCESS_KEY_ID: 'x',
  AWS_SECRET_ACCESS_KEY: 'x',
  AWS_DEFAULT_REGION: 'us-east-1',
  AWS_PAGER: '',
});

const whenPresent = (program: string) => (isOnPath(program) ? test : test.skip);

describe('the aws CLI (skipped where it is not installed)', () => {
  // Version 1 does not read AWS_ENDPOINT_URL_SQS, so the address is given each time.
  const aws = async (...args: string[]) => {
    const { stdout } = await run('aws', ['--endpoint-url', cloud.endpoint, ...args], { env: environment() });
    return stdout;
  };

  whenPresent('aws')(
    'sends and receives a message',
    async () => {
      const { QueueUrl } = JSON.parse(await aws('sqs', 'create-queue', '--queue-name', 'cli'));
      await aws('sqs', 'send-message', '--queue-url', QueueUrl, '--message-body', 'from the shell 😀');
      const { Messages } = JSON.parse(await aws('sqs', 'receive-message', '--queue-url', QueueUrl));
      expect(Messages).toMatchObject([{ Body: 'from the shell 😀' }]);
    },
    TIMEOUT_MS,
  );

  whenPresent('aws')(
    'uploads a file in parts, and downloads it',
    async () => {
      const text = `${'0123456789abcdef'.repeat(640 * 1024)}the end`;
      await writeFile(join(directory, 'up'), text);
      await aws('s3', 'mb', 's3://cli-bucket');
      await aws('s3', 'cp', join(directory, 'up'), 's3://cli-bucket/a/b');
      await aws('s3', 'cp', 's3://cli-bucket/a/b', 's3://cli-bucket/copy');
      await aws('s3', 'cp', 's3://cli-bucket/a/b', join(directory, 'down'));
      expect((await readFile(join(directory, 'down'), 'utf8')) === text).toBe(true);
      expect(await aws('s3', 'ls', 's3://cli-bucket')).toMatch(/PRE a\/\n.* 10485767 copy/);
    },
    TIMEOUT_MS,
  );

  whenPresent('aws')(
    'publishes to a topic and puts an item',
    async () => {
      const { TopicArn } = JSON.parse(await aws('sns', 'create-topic', '--name', 'cli'));
      const published = await aws('sns', 'publish', '--topic-arn', TopicArn, '--message', 'a');
      expect(JSON.parse(published).MessageId).toMatch(/./);
      const table = ['--table-name', 'cli'];
      const definition = ['--attribute-definitions', 'AttributeName=id,AttributeType=S'];
      const keys = ['--key-schema', 'AttributeName=id,KeyType=HASH', '--billing-mode', 'PAY_PER_REQUEST'];
      await aws('dynamodb', 'create-table', ...table, ...definition, ...keys);
      await aws('dynamodb', 'wait', 'table-exists', ...table);
      await aws('dynamodb', 'put-item', ...table, '--item', '{"id":{"S":"a"}}');
      const found = await aws('dynamodb', 'get-item', ...table, '--key', '{"id":{"S":"a"}}');
      expect(JSON.parse(found).Item).toEqual({ id: { S: 'a' } });
    },
    TIMEOUT_MS,
  );
});

const BOTO3 = `
import boto3, io, json, os, sys, urllib.request
make = lambda service: boto3.client(service, endpoint_url=sys.argv[1])
sqs, sns, s3, dynamodb = make("sqs"), make("sns"), make("s3"), make("dynamodb")
seen = {}

url = sqs.create_queue(QueueName="boto3")["QueueUrl"]
attributes = {"colour": {"DataType": "String", "StringValue": "blue"}}
sqs.send_message(QueueUrl=url, MessageBody="a \\U0001F600", MessageAttributes=attributes)
message = sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"])["Messages"][0]
seen["message"] = [message["Body"], message["MessageAttributes"]["colour"]["StringValue"]]
sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])

arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
topic = sns.create_topic(Name="boto3")["TopicArn"]
sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
sns.publish(TopicArn=topic, Message="news")
body = json.loads(sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"])
seen["news"] = [body["Type"], body["Message"]]

s3.create_bucket(Bucket="boto3-bucket")
data = os.urandom(9 * 1024 * 1024)
s3.upload_fileobj(io.BytesIO(data), "boto3-bucket", "big")
back = io.BytesIO()
s3.download_fileobj("boto3-bucket", "big", back)
seen["big"] = back.getvalue() == data
s3.put_object(Bucket="boto3-bucket", Key="small", Body=b"text")
presigned = s3.generate_presigned_url("get_object", Params={"Bucket": "boto3-bucket", "Key": "small"})
seen["presigned"] = urllib.request.urlopen(presigned).read().decode()
try:
    s3.put_object(Bucket="boto3-bucket", Key="small", Body=b"other", IfNoneMatch="*")
except s3.exceptions.ClientError as error:
    seen["conditional"] = error.response["Error"]["Code"]

dynamodb.create_table(TableName="boto3", BillingMode="PAY_PER_REQUEST",
    AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}])
dynamodb.get_waiter("table_exists").wait(TableName="boto3", WaiterConfig={"Delay": 1})
dynamodb.put_item(TableName="boto3", Item={"id": {"S": "a"}})
seen["item"] = dynamodb.get_item(TableName="boto3", Key={"id": {"S": "a"}})["Item"]
dynamodb.update_time_to_live(TableName="boto3", TimeToLiveSpecification={"Enabled": True, "AttributeName": "ttl"})
print(json.dumps(seen))
`;

describe('boto3 (skipped where it is not installed)', () => {
  const whenImported = canImport('boto3') ? test : test.skip;

  whenImported(
    'does its work against all four services',
    async () => {
      const { stdout } = await run('python3', ['-c', BOTO3, cloud.endpoint], { env: environment() });
      expect(JSON.parse(stdout)).toEqual({
        message: ['a 😀', 'blue'],
        news: ['Notification', 'news'],
        big: true,
        presigned: 'text',
        conditional: 'PreconditionFailed',
        item: { id: { S: 'a' } },
      });
    },
    TIMEOUT_MS,
  );
});
