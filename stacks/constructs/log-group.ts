import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import type { Construct } from 'constructs';

/** How long logs are kept, and what with they are encrypted. */
export interface LogKeeping {
  readonly retentionDays: number;
  /** Without it with a key of CloudWatch's own. */
  readonly kmsKeyArn?: string | undefined;
}

export const createLogGroup = (
  scope: Construct,
  name: string,
  { retentionDays, kmsKeyArn }: LogKeeping,
): CloudwatchLogGroup =>
  new CloudwatchLogGroup(scope, 'log', {
    name,
    retentionInDays: retentionDays,
    ...(kmsKeyArn === undefined ? {} : { kmsKeyId: kmsKeyArn }),
  });
