import {
  CreateTableCommand,
  type CreateTableCommandInput,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { CreateTopicCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageBatchCommand,
} from '@aws-sdk/client-sqs';
import type { Clients } from '../local/cloud/cloud-harness.ts';

export type Service = 'SQS' | 'SNS' | 'S3' | 'DynamoDB';

/** What AWS does, in a sentence, and how to see it. It throws when it sees something else. */
export interface ConformanceCase {
  readonly service: Service;
  readonly sentence: string;
  run(cloud: CloudUnderTest): Promise<void>;
}

export type CaseRuns = Readonly<Record<string, ConformanceCase['run']>>;

export function casesOf(service: Service, runs: CaseRuns): ConformanceCase[] {
  return Object.entries(runs).map(([sentence, run]) => ({ service, sentence, run }));
}

let made = 0;

/** A cloud behind an endpoint, and what every case does with it. Everything it makes has a name of its own. */
export class CloudUnderTest {
  readonly endpoint: string;
  readonly clients: Clients;

  constructor(endpoint: string, clients: Clients) {
    this.endpoint = endpoint;
    this.clients = clients;
  }

  name(): string {
    return `case-${++made}`;
  }

  async queue(Attributes: Record<string, string> = {}): Promise<string> {
    const command = new CreateQueueCommand({ QueueName: this.name(), Attributes });
    return (await this.clients.sqs.send(command)).QueueUrl ?? '';
  }

  async attributesOf(QueueUrl: string): Promise<Partial<Record<string, string>>> {
    const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] });
    return (await this.clients.sqs.send(command)).Attributes ?? {};
  }

  async arnOf(QueueUrl: string): Promise<string> {
    return (await this.attributesOf(QueueUrl)).QueueArn ?? '';
  }

  /** A queue whose messages go to another one after a receive. */
  async queueWithDeadLetters(maxReceiveCount = 1): Promise<{ url: string; dead: string; deadArn: string }> {
    const dead = await this.queue();
    const deadArn = await this.arnOf(dead);
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: deadArn, maxReceiveCount });
    return { url: await this.queue({ RedrivePolicy }), dead, deadArn };
  }

  async send(QueueUrl: string, ...bodies: string[]): Promise<void> {
    const Entries = bodies.map((MessageBody, index) => ({ Id: `${index}`, MessageBody }));
    await this.clients.sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  }

  async receive(QueueUrl: string, more: Partial<ReceiveMessageCommandInput> = {}): Promise<Message[]> {
    const command = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, ...more });
    return (await this.clients.sqs.send(command)).Messages ?? [];
  }

  async topic(): Promise<string> {
    return (await this.clients.sns.send(new CreateTopicCommand({ Name: this.name() }))).TopicArn ?? '';
  }

  async bucket(): Promise<string> {
    const Bucket = this.name();
    await this.clients.s3.send(new CreateBucketCommand({ Bucket }));
    return Bucket;
  }

  async table(more: Partial<CreateTableCommandInput> = {}): Promise<string> {
    const TableName = this.name();
    await this.clients.dynamoDb.send(
      new CreateTableCommand({
        TableName,
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        BillingMode: 'PAY_PER_REQUEST',
        ...more,
      }),
    );
    const waiting = { client: this.clients.dynamoDb, maxWaitTime: 10, minDelay: 0.01, maxDelay: 0.05 };
    await waitUntilTableExists(waiting, { TableName });
    return TableName;
  }
}

/** Fails unless `promise` is refused with an error of this name, and of this HTTP status. */
export async function expectRefusal(promise: Promise<unknown>, name: string, status = 400): Promise<void> {
  const refusal = await promise.then(
    () => undefined,
    (error: unknown) => error as Error & { $metadata: { httpStatusCode: number } },
  );
  expect({ name: refusal?.name, status: refusal?.$metadata.httpStatusCode }).toEqual({ name, status });
}
