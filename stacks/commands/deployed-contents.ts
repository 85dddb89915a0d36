import { ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';

/** What still lies in a deployment: reasons not to remove it. */
export interface Contents {
  /** Objects in the bucket, or old versions of them. */
  readonly hasObjects: boolean;
  /** Messages by queue, of those that hold some. */
  readonly messages: Readonly<Record<string, number>>;
}

/** Outputs of the stack, as `terraform output -json` tells them. */
export type Outputs = Readonly<Record<string, { readonly value: unknown } | undefined>>;

const COUNTS = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
] as const;

const urlsOf = (outputs: Outputs): readonly string[] =>
  ['input_queue_url', 'batches_queue_url', 'results_queue_url', 'hold_queue_urls', 'dead_letter_queue_urls']
    .flatMap((name) => {
      const value = outputs[name]?.value;
      return typeof value === 'object' && value !== null ? Object.values(value as object) : [value];
    })
    .filter((url) => typeof url === 'string');

const countOf = async (sqs: SQSClient, QueueUrl: string): Promise<number> => {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...COUNTS] }),
  );
  return COUNTS.reduce((total, name) => total + Number(Attributes[name] ?? 0), 0);
};

const hasObjects = async (s3: S3Client, Bucket: unknown): Promise<boolean> => {
  if (typeof Bucket !== 'string') return false;
  const { Versions = [], DeleteMarkers = [] } = await s3.send(
    new ListObjectVersionsCommand({ Bucket, MaxKeys: 1 }),
  );
  return Versions.length + DeleteMarkers.length > 0;
};

export interface ContentsClients {
  readonly sqs: SQSClient;
  readonly s3: S3Client;
}

/** They find the credentials that Terraform uses. */
export const createContentsClients = (region: string): ContentsClients => ({
  sqs: new SQSClient({ region }),
  s3: new S3Client({ region }),
});

/** Messages by queue, of those that hold some. */
const countMessages = async (sqs: SQSClient, urls: readonly string[]): Promise<Contents['messages']> => {
  const counts = await Promise.all(
    urls.map(async (url) => [url.split('/').at(-1) ?? url, await countOf(sqs, url)] as const),
  );
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
};

export const readMessages = async (
  region: string,
  urls: readonly string[],
): Promise<Contents['messages']> => {
  const sqs = new SQSClient({ region });
  try {
    return await countMessages(sqs, urls);
  } finally {
    sqs.destroy();
  }
};

/** Of what was never created there is nothing to ask. */
export const readContents = async ({ sqs, s3 }: ContentsClients, outputs: Outputs): Promise<Contents> => {
  try {
    return {
      hasObjects: await hasObjects(s3, outputs.bucket?.value),
      messages: await countMessages(sqs, urlsOf(outputs)),
    };
  } finally {
    sqs.destroy();
    s3.destroy();
  }
};
