import { DataAwsCallerIdentity } from '@cdktf/provider-aws/lib/data-aws-caller-identity';
import { DataAwsIamOpenidConnectProvider } from '@cdktf/provider-aws/lib/data-aws-iam-openid-connect-provider';
import { IamOpenidConnectProvider } from '@cdktf/provider-aws/lib/iam-openid-connect-provider';
import { IamPolicy } from '@cdktf/provider-aws/lib/iam-policy';
import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy';
import { AwsProvider } from '@cdktf/provider-aws/lib/provider';
import { LocalBackend, TerraformOutput, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { APPLICATION_TAG } from '../application-tag.ts';
import { partitionOf } from '../partition.ts';
import { allow, type Statement, toPolicy } from '../policy.ts';
import { boundaryName, boundaryPermissions, DEPLOYER_PREFIX } from './boundary.ts';
import { deployerPermissions } from './deployer-permissions.ts';

export interface DeployerStackProps {
  readonly region: string;
  /** `owner/name` on GitHub. */
  readonly repository: string;
  /** The environment of GitHub whose jobs may deploy: its rules say who has to agree. */
  readonly environment: string;
  /** The bucket of Terraform's state, which a workflow that keeps nothing needs. */
  readonly stateBucket: string;
  /** The state's key in it, or a beginning of keys that ends with `*`. */
  readonly stateKey: string;
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

const useState = (
  partition: string,
  { stateBucket: bucket, stateKey: key }: DeployerStackProps,
): readonly Statement[] => [
  allow(['s3:ListBucket'], [`arn:${partition}:s3:::${bucket}`]),
  allow(
    ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'],
    // Terraform's lock lies beside the state.
    (key.endsWith('*') ? [key] : [key, `${key}.tflock`]).map(
      (name) => `arn:${partition}:s3:::${bucket}/${name}`,
    ),
  ),
];

/** The role that a GitHub workflow takes on to deploy, without a key that could be lost. */
export class DeployerStack extends TerraformStack {
  constructor(scope: Construct, id: string, props: DeployerStackProps) {
    super(scope, id);
    const { region } = props;
    const partition = partitionOf(region);
    new LocalBackend(this, { path: STATE_FILE });
    new AwsProvider(this, 'aws', {
      region,
      defaultTags: [{ tags: { [APPLICATION_TAG.name]: APPLICATION_TAG.value } }],
    });
    const account = new DataAwsCallerIdentity(this, 'caller').accountId;
    const place = { partition, region, account };
    const boundary = new IamPolicy(this, 'boundary', {
      name: boundaryName(region),
      description: 'The most that a function of the request smoother may do.',
      policy: toPolicy(boundaryPermissions(place)),
    });
    const role = new IamRole(this, 'role', {
      name: `${DEPLOYER_PREFIX}-${region}`,
      description: `Deploys the request smoother from GitHub, ${props.repository}.`,
      assumeRolePolicy: trust(this.#provider(props.hasProvider), props),
      maxSessionDuration: SESSION_SECONDS,
    });
    new IamRolePolicy(this, 'policy', {
      name: 'deploy',
      role: role.name,
      policy: toPolicy([...deployerPermissions(place, boundary.arn), ...useState(partition.name, props)]),
    });
    new TerraformOutput(this, 'output-role-arn', { value: role.arn }).overrideLogicalId('role_arn');
    new TerraformOutput(this, 'output-boundary-arn', { value: boundary.arn }).overrideLogicalId(
      'boundary_arn',
    );
  }

  #provider(isThere: boolean): string {
    const url = `https://${ISSUER}`;
    return isThere
      ? new DataAwsIamOpenidConnectProvider(this, 'github', { url }).arn
      : new IamOpenidConnectProvider(this, 'github', { url, clientIdList: [AUDIENCE] }).arn;
  }
}
