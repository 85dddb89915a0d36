import { DataAwsCallerIdentity } from '@cdktf/provider-aws/lib/data-aws-caller-identity';
import { DataAwsIamOpenidConnectProvider } from '@cdktf/provider-aws/lib/data-aws-iam-openid-connect-provider';
import { IamOpenidConnectProvider } from '@cdktf/provider-aws/lib/iam-openid-connect-provider';
import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy';
import { AwsProvider } from '@cdktf/provider-aws/lib/provider';
import { LocalBackend, TerraformOutput, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { NAME_PREFIX } from '../../shared/contract/names.ts';
import { partitionOf } from '../partition.ts';
import { allow, type Statement, toPolicy } from '../policy.ts';
import { deployerPermissions } from './deployer-permissions.ts';

export interface DeployerStackProps {
  readonly region: string;
  /** `owner/name` on GitHub. */
  readonly repository: string;
  /** The environment of GitHub whose jobs may deploy: its rules say who has to agree. */
  readonly environment: string;
  /** The bucket of Terraform's state, which a workflow that keeps nothing needs. */
  readonly stateBucket: string;
  /** Whether the account knows GitHub's tokens already: one account has one such provider. */
  readonly hasProvider: boolean;
}

const ISSUER = 'token.actions.githubusercontent.com';

/** Whom GitHub's tokens for AWS are meant for. */
const AUDIENCE = 'sts.amazonaws.com';

/** Beside the project, seen from `cdktf.out/stacks/deployer`. */
const STATE_FILE = '../../../terraform.deployer.tfstate';

const SESSION_SECONDS = 3600;

const trust = (providerArn: string, { repository, environment }: DeployerStackProps): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Federated: providerArn },
        Action: ['sts:AssumeRoleWithWebIdentity'],
        Condition: {
          StringEquals: {
            [`${ISSUER}:aud`]: AUDIENCE,
            [`${ISSUER}:sub`]: `repo:${repository}:environment:${environment}`,
          },
        },
      },
    ],
  });

const useState = (partition: string, bucket: string): readonly Statement[] => [
  allow(['s3:ListBucket'], [`arn:${partition}:s3:::${bucket}`]),
  allow(['s3:GetObject', 's3:PutObject', 's3:DeleteObject'], [`arn:${partition}:s3:::${bucket}/smoother*`]),
];

/** The role that a GitHub workflow takes on to deploy, without a key that could be lost. */
export class DeployerStack extends TerraformStack {
  constructor(scope: Construct, id: string, props: DeployerStackProps) {
    super(scope, id);
    const { region, stateBucket } = props;
    const partition = partitionOf(region);
    new LocalBackend(this, { path: STATE_FILE });
    new AwsProvider(this, 'aws', {
      region,
      defaultTags: [{ tags: { Application: 'bedrock-request-smoother' } }],
    });
    const account = new DataAwsCallerIdentity(this, 'caller').accountId;
    const role = new IamRole(this, 'role', {
      name: `${NAME_PREFIX}deployer-${region}`,
      description: `Deploys the request smoother from GitHub, ${props.repository}.`,
      assumeRolePolicy: trust(this.#provider(props.hasProvider), props),
      maxSessionDuration: SESSION_SECONDS,
    });
    new IamRolePolicy(this, 'policy', {
      name: 'deploy',
      role: role.name,
      policy: toPolicy([
        ...deployerPermissions({ partition, region, account }),
        ...useState(partition.name, stateBucket),
      ]),
    });
    new TerraformOutput(this, 'output-role-arn', { value: role.arn }).overrideLogicalId('role_arn');
  }

  #provider(isThere: boolean): string {
    const url = `https://${ISSUER}`;
    return isThere
      ? new DataAwsIamOpenidConnectProvider(this, 'github', { url }).arn
      : new IamOpenidConnectProvider(this, 'github', { url, clientIdList: [AUDIENCE] }).arn;
  }
}
