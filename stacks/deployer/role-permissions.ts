import { NAME_PREFIX } from '../../shared/contract/names.ts';
import { allow, type Statement } from '../policy.ts';
import { DEPLOYER_PREFIX } from './boundary.ts';
import type { DeployerPlace } from './place.ts';

const API_GATEWAY = 'ops.apigateway.amazonaws.com';

const actions = (...names: readonly string[]): readonly string[] => names.map((name) => `iam:${name}`);

/**
 * Roles of functions are made and given policies only within the boundary, or whoever deploys could make one that may
 * do everything. Whom a role trusts is never changed: that of a role which others made might be.
 */
export const rolePermissions = (
  { partition, account }: DeployerPlace,
  boundaryArn: string,
): readonly Statement[] => {
  const arn = (resource: string): string => `arn:${partition.name}:iam::${account}:${resource}`;
  const roles = [arn(`role/${NAME_PREFIX}*`)];
  return [
    {
      ...allow(actions('CreateRole', 'PutRolePolicy', 'PutRolePermissionsBoundary'), roles),
      Condition: { StringEquals: { 'iam:PermissionsBoundary': boundaryArn } },
    },
    allow(
      actions(
        'DeleteRole',
        'DeleteRolePolicy',
        'GetRole',
        'GetRolePolicy',
        'ListAttachedRolePolicies',
        'ListInstanceProfilesForRole',
        'ListRolePolicies',
        'TagRole',
        'UntagRole',
        'UpdateRole',
      ),
      roles,
    ),
    {
      ...allow(actions('PassRole'), roles),
      Condition: { StringEquals: { 'iam:PassedToService': 'lambda.amazonaws.com' } },
    },
    // API Gateway's own, which an account's first API makes.
    {
      ...allow(actions('CreateServiceLinkedRole'), [arn(`role/aws-service-role/${API_GATEWAY}/*`)]),
      Condition: { StringEquals: { 'iam:AWSServiceName': API_GATEWAY } },
    },
    // Nor by any policy that somebody adds to it later.
    {
      Sid: 'NotItself',
      Effect: 'Deny',
      Action: ['iam:*'],
      Resource: [arn(`role/${DEPLOYER_PREFIX}*`), arn(`policy/${DEPLOYER_PREFIX}*`)],
    },
    {
      Sid: 'NotWithoutBoundary',
      Effect: 'Deny',
      Action: actions('DeleteRolePermissionsBoundary'),
      Resource: ['*'],
    },
  ];
};
