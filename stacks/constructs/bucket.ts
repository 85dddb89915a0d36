import { S3Bucket } from '@cdktf/provider-aws/lib/s3-bucket';
import { S3BucketLifecycleConfiguration } from '@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration';
import { S3BucketOwnershipControls } from '@cdktf/provider-aws/lib/s3-bucket-ownership-controls';
import { S3BucketPolicy } from '@cdktf/provider-aws/lib/s3-bucket-policy';
import { S3BucketPublicAccessBlock } from '@cdktf/provider-aws/lib/s3-bucket-public-access-block';
import { S3BucketServerSideEncryptionConfigurationA } from '@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration';
import { S3BucketVersioningA } from '@cdktf/provider-aws/lib/s3-bucket-versioning';
import { Construct } from 'constructs';
import type { BucketDescription } from '../../shared/contract/resources.ts';
import { toLogicalId } from '../logical-id.ts';
import { denyWithoutTls, toPolicy } from '../policy.ts';

export interface BucketProps {
  readonly description: BucketDescription;
  /** The real name, unlike that of any other bucket in the world. */
  readonly name: string;
  /** What its objects are encrypted with; without it with keys of S3's own. */
  readonly kmsKeyArn?: string | undefined;
  /** Whether Terraform refuses to remove it. */
  readonly isProtected?: boolean;
  /** Whether Terraform, when it removes the bucket, removes every object first. */
  readonly isEmptied?: boolean;
}

/** Days in which an object that was overwritten or removed by mistake can be brought back. */
const OLD_VERSION_DAYS = 7;

/** Days after which what is left of an unfinished upload is removed. */
const UNFINISHED_UPLOAD_DAYS = 1;

const encryptionRule = (kmsKeyArn: string | undefined) =>
  kmsKeyArn === undefined
    ? { applyServerSideEncryptionByDefault: { sseAlgorithm: 'AES256' } }
    : {
        applyServerSideEncryptionByDefault: { sseAlgorithm: 'aws:kms', kmsMasterKeyId: kmsKeyArn },
        // One key of S3's own for many objects, so that KMS is not asked, and paid, for each.
        bucketKeyEnabled: true,
      };

/** A private, encrypted, versioned bucket that is reached over TLS only. */
export class Bucket extends Construct {
  readonly arn: string;
  readonly name: string;

  constructor(scope: Construct, id: string, { description, name, ...props }: BucketProps) {
    super(scope, id);
    const bucket = new S3Bucket(this, 'bucket', {
      bucket: name,
      ...(props.isEmptied === true ? { forceDestroy: true } : {}),
      ...(props.isProtected === true ? { lifecycle: { preventDestroy: true } } : {}),
    });
    bucket.overrideLogicalId(toLogicalId(description.name));
    this.arn = bucket.arn;
    this.name = bucket.bucket;
    const ofBucket = { bucket: bucket.id };
    const versioning = new S3BucketVersioningA(this, 'versioning', {
      ...ofBucket,
      versioningConfiguration: { status: 'Enabled' },
    });
    new S3BucketServerSideEncryptionConfigurationA(this, 'encryption', {
      ...ofBucket,
      rule: [encryptionRule(props.kmsKeyArn)],
    });
    new S3BucketOwnershipControls(this, 'ownership', {
      ...ofBucket,
      rule: { objectOwnership: 'BucketOwnerEnforced' },
    });
    const block = new S3BucketPublicAccessBlock(this, 'public-access', {
      ...ofBucket,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    new S3BucketPolicy(this, 'policy', {
      ...ofBucket,
      policy: toPolicy([denyWithoutTls('s3', [bucket.arn, `${bucket.arn}/*`])]),
      // S3 refuses two changes of a bucket's access at the same time.
      dependsOn: [block],
    });
    new S3BucketLifecycleConfiguration(this, 'lifecycle', {
      ...ofBucket,
      rule: [
        ...description.expirations.map(({ prefix, days }) => ({
          id: `expire-${prefix.replaceAll('/', '')}`,
          status: 'Enabled',
          filter: [{ prefix }],
          expiration: [{ days }],
        })),
        {
          id: 'clean-up',
          status: 'Enabled',
          filter: [{ prefix: '' }],
          noncurrentVersionExpiration: [{ noncurrentDays: OLD_VERSION_DAYS }],
          abortIncompleteMultipartUpload: [{ daysAfterInitiation: UNFINISHED_UPLOAD_DAYS }],
        },
      ],
      dependsOn: [versioning],
    });
  }

  /** All objects of a folder, such as `results/`. */
  arnOf(folder: string): string {
    return `${this.arn}/${folder}*`;
  }
}
