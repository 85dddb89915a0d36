import 'cdktf/lib/testing/adapters/jest';
import { DynamodbTable } from '@cdktf/provider-aws/lib/dynamodb-table';
import { S3Bucket } from '@cdktf/provider-aws/lib/s3-bucket';
import { S3BucketLifecycleConfiguration } from '@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration';
import { S3BucketOwnershipControls } from '@cdktf/provider-aws/lib/s3-bucket-ownership-controls';
import { S3BucketPublicAccessBlock } from '@cdktf/provider-aws/lib/s3-bucket-public-access-block';
import { S3BucketServerSideEncryptionConfigurationA } from '@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration';
import { S3BucketVersioningA } from '@cdktf/provider-aws/lib/s3-bucket-versioning';
import { SqsQueue } from '@cdktf/provider-aws/lib/sqs-queue';
import { Testing } from 'cdktf';
import { Bucket } from '../../stacks/constructs/bucket.ts';
import { Queues } from '../../stacks/constructs/queues.ts';
import { Table } from '../../stacks/constructs/table.ts';
import { ref, removeFolders, resourcesOf, resourceWith, statementsOf, synthConstruct } from './harness.ts';

Testing.setupJest();
afterAll(removeFolders);

describe('Queues', () => {
  const build = () =>
    synthConstruct((stack) => {
      const queues = new Queues(stack, 'queues', {
        descriptions: [
          {
            name: 'orders',
            visibilityTimeoutSeconds: 101,
            retentionSeconds: 102,
            receiveWaitSeconds: 13,
            deadLetter: { queue: 'orders-dlq', maxReceiveCount: 104 },
          },
          { name: 'orders-dlq', visibilityTimeoutSeconds: 1, retentionSeconds: 60, receiveWaitSeconds: 0 },
        ],
      });
      queues
        .get('orders')
        .allowSendBy('events.amazonaws.com', ['arn:aws:events:one', 'arn:aws:events:other']);
    });

  it('gives a queue everything that its description says', () => {
    expect(build().text).toHaveResourceWithProperties(SqsQueue, {
      name: 'smoother-orders',
      visibility_timeout_seconds: 101,
      message_retention_seconds: 102,
      receive_wait_time_seconds: 13,
      sqs_managed_sse_enabled: true,
    });
  });

  it('joins a queue to the one for its dead letters, whichever was described first', () => {
    const { redrive_policy } = resourceWith(build(), 'aws_sqs_queue', ['name', 'smoother-orders']);

    expect(JSON.parse(String(redrive_policy))).toEqual({
      deadLetterTargetArn: ref('aws_sqs_queue.orders_dlq.arn'),
      maxReceiveCount: 104,
    });
  });

  it('leaves a queue without dead letters alone', () => {
    const queue = resourceWith(build(), 'aws_sqs_queue', ['name', 'smoother-orders-dlq']);

    expect(queue).not.toHaveProperty('redrive_policy');
  });

  it('lets dead letters come from the described queues only', () => {
    const [[, policy] = []] = resourcesOf(build(), 'aws_sqs_queue_redrive_allow_policy');

    expect(policy).toEqual({
      queue_url: ref('aws_sqs_queue.orders_dlq.url'),
      redrive_allow_policy: JSON.stringify({
        redrivePermission: 'byQueue',
        sourceQueueArns: [ref('aws_sqs_queue.orders.arn')],
      }),
    });
  });

  it('lets a service send on behalf of the named resources only', () => {
    const url = ref('aws_sqs_queue.orders.url');
    const { policy } = resourceWith(build(), 'aws_sqs_queue_policy', ['queue_url', url]);

    expect(statementsOf(policy).filter(({ Effect }) => Effect === 'Allow')).toEqual([
      {
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Action: ['sqs:SendMessage'],
        Resource: [ref('aws_sqs_queue.orders.arn')],
        Condition: { ArnEquals: { 'aws:SourceArn': ['arn:aws:events:one', 'arn:aws:events:other'] } },
      },
    ]);
  });

  it('says which queue there is not', () => {
    synthConstruct((stack) => {
      const queues = new Queues(stack, 'queues', { descriptions: [] });

      expect(() => queues.get('orders')).toThrow('there is no queue `orders`');
    });
  });
});

describe('Table', () => {
  it('has the keys and the time to live of its description', () => {
    const { text } = synthConstruct((stack) => {
      new Table(stack, 'table', {
        description: {
          name: 'orders',
          partitionKey: { name: 'customer', type: 'S' },
          sortKey: { name: 'number', type: 'N' },
          timeToLiveAttribute: 'gone_at',
          indexes: [
            {
              name: 'by-city',
              partitionKey: { name: 'city', type: 'S' },
              sortKey: { name: 'number', type: 'N' },
            },
          ],
        },
      });
    });

    expect(text).toHaveResourceWithProperties(DynamodbTable, {
      name: 'smoother-orders',
      billing_mode: 'PAY_PER_REQUEST',
      hash_key: 'customer',
      range_key: 'number',
      attribute: [
        { name: 'customer', type: 'S' },
        { name: 'number', type: 'N' },
        { name: 'city', type: 'S' },
      ],
      global_secondary_index: [
        { name: 'by-city', hash_key: 'city', range_key: 'number', projection_type: 'KEYS_ONLY' },
      ],
      ttl: { attribute_name: 'gone_at', enabled: true },
      point_in_time_recovery: { enabled: true },
      server_side_encryption: { enabled: true },
    });
  });

  it('does without a sort key', () => {
    const [[, table] = []] = resourcesOf(
      synthConstruct((stack) => {
        new Table(stack, 'table', {
          description: {
            name: 'orders',
            partitionKey: { name: 'id', type: 'N' },
            timeToLiveAttribute: 'gone_at',
            indexes: [],
          },
        });
      }),
      'aws_dynamodb_table',
    );

    expect(table).toMatchObject({ hash_key: 'id', attribute: [{ name: 'id', type: 'N' }] });
    expect(table).not.toHaveProperty('range_key');
    expect(table).not.toHaveProperty('global_secondary_index');
  });
});

describe('Bucket', () => {
  const { text, resources } = synthConstruct((stack) => {
    new Bucket(stack, 'calls', {
      description: {
        name: 'orders',
        expirations: [
          { prefix: 'new/', days: 3 },
          { prefix: 'done/', days: 5 },
        ],
      },
      name: 'orders-of-one-account',
    });
  });

  it('has the name it was given', () => {
    expect(text).toHaveResourceWithProperties(S3Bucket, { bucket: 'orders-of-one-account' });
  });

  it('removes what is old, by prefix, and what was overwritten', () => {
    expect(text).toHaveResourceWithProperties(S3BucketLifecycleConfiguration, {
      rule: [
        { id: 'expire-new', status: 'Enabled', filter: [{ prefix: 'new/' }], expiration: [{ days: 3 }] },
        { id: 'expire-done', status: 'Enabled', filter: [{ prefix: 'done/' }], expiration: [{ days: 5 }] },
        {
          id: 'clean-up',
          status: 'Enabled',
          filter: [{ prefix: '' }],
          noncurrent_version_expiration: [{ noncurrent_days: 7 }],
          abort_incomplete_multipart_upload: [{ days_after_initiation: 1 }],
        },
      ],
    });
  });

  it('is private, encrypted and versioned', () => {
    expect(text).toHaveResourceWithProperties(S3BucketPublicAccessBlock, {
      block_public_acls: true,
      block_public_policy: true,
      ignore_public_acls: true,
      restrict_public_buckets: true,
    });
    expect(text).toHaveResourceWithProperties(S3BucketServerSideEncryptionConfigurationA, {
      rule: [{ apply_server_side_encryption_by_default: { sse_algorithm: 'AES256' } }],
    });
    expect(text).toHaveResourceWithProperties(S3BucketOwnershipControls, {
      rule: { object_ownership: 'BucketOwnerEnforced' },
    });
    expect(text).toHaveResourceWithProperties(S3BucketVersioningA, {
      versioning_configuration: { status: 'Enabled' },
    });
  });

  it('is reached over TLS only', () => {
    const [policy] = Object.values(resources.aws_s3_bucket_policy ?? {});

    expect(statementsOf(policy?.policy)).toEqual([
      {
        Sid: 'OnlyTls',
        Effect: 'Deny',
        Principal: '*',
        Action: ['s3:*'],
        Resource: [ref('aws_s3_bucket.orders.arn'), `${ref('aws_s3_bucket.orders.arn')}/*`],
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ]);
  });
});
