import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy';
import { LambdaFunction } from '@cdktf/provider-aws/lib/lambda-function';
import { AssetType, TerraformAsset } from 'cdktf';
import { Construct } from 'constructs';
import { FUNCTIONS, type FunctionName } from '../../shared/contract/functions.ts';
import { physicalName } from '../../shared/contract/resources.ts';
import type { LambdaArchive } from '../lambda-archive.ts';
import { LAMBDA_HANDLER } from '../lambda-bundle.ts';
import { allow, type Statement, toPolicy } from '../policy.ts';

export interface PipelineFunctionProps {
  readonly name: FunctionName;
  readonly region: string;
  readonly archive: LambdaArchive;
  readonly environment: Readonly<Record<string, string>>;
  /** What it may do, beside writing its own log. */
  readonly permissions: readonly Statement[];
  readonly logRetentionDays: number;
}

const ASSUMED_BY_LAMBDA = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: ['sts:AssumeRole'] },
  ],
});

/** Part of the asset's path: enough of the hash to tell any two archives apart. */
const ASSET_HASH_CHARACTERS = 32;

const toAssetHash = (sha256Base64: string): string =>
  Buffer.from(sha256Base64, 'base64').toString('hex').slice(0, ASSET_HASH_CHARACTERS);

/** A function with a role, a log and nothing that another function could use. */
export class PipelineFunction extends Construct {
  readonly arn: string;
  readonly invokeArn: string;
  /** The real name, with the prefix. */
  readonly name: string;

  constructor(scope: Construct, id: string, props: PipelineFunctionProps) {
    super(scope, id);
    const { timeoutSeconds, memoryMb, description } = FUNCTIONS[props.name];
    this.name = physicalName(props.name);
    const log = new CloudwatchLogGroup(this, 'log', {
      name: `/aws/lambda/${this.name}`,
      retentionInDays: props.logRetentionDays,
    });
    const role = new IamRole(this, 'role', {
      // Roles belong to the account, not to a region.
      name: `${this.name}-${props.region}`,
      assumeRolePolicy: ASSUMED_BY_LAMBDA,
    });
    const policy = new IamRolePolicy(this, 'policy', {
      name: this.name,
      role: role.name,
      policy: toPolicy([
        allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [`${log.arn}:*`]),
        ...props.permissions,
      ]),
    });
    const code = new TerraformAsset(this, 'code', {
      path: props.archive.path,
      type: AssetType.FILE,
      assetHash: toAssetHash(props.archive.sha256Base64),
    });
    const lambda = new LambdaFunction(this, 'function', {
      functionName: this.name,
      description,
      role: role.arn,
      runtime: 'nodejs22.x',
      architectures: ['arm64'],
      handler: LAMBDA_HANDLER,
      timeout: timeoutSeconds,
      memorySize: memoryMb,
      filename: code.path,
      sourceCodeHash: props.archive.sha256Base64,
      environment: { variables: { ...props.environment } },
      // Its first invocation needs both: without the log group Lambda would make one that is kept for ever.
      dependsOn: [policy, log],
    });
    this.arn = lambda.arn;
    this.invokeArn = lambda.invokeArn;
  }
}
