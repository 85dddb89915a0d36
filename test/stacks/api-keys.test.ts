import { FUNCTIONS, type FunctionName } from '../../shared/contract/functions.ts';
import { physicalName } from '../../shared/contract/resources.ts';
import { findFaults } from '../../stacks/find-faults.ts';
import {
  ref,
  removeFolders,
  resourcesOf,
  resourceWith,
  settingsOf,
  statementsOf,
  synthStack,
} from './harness.ts';

afterAll(removeFolders);

const DENIED = ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'];
const NAMES = (Object.keys(FUNCTIONS) as FunctionName[]).filter((name) => name !== 'notification');
const stack = synthStack(settingsOf({ api_authorization: 'api_key' }));

const permissionsOf = (name: FunctionName) =>
  statementsOf(resourceWith(stack, 'aws_iam_role_policy', ['name', physicalName(name)]).policy);

describe('a deployment whose API asks for keys', () => {
  it('leaves it to the functions to ask: the gateway lets every route through', () => {
    const routes = resourcesOf(stack, 'aws_apigatewayv2_route');
    expect(routes.length).toBeGreaterThan(10);
    expect(new Set(routes.map(([, { authorization_type }]) => authorization_type))).toEqual(
      new Set(['NONE']),
    );
    expect(resourcesOf(stack, 'aws_apigatewayv2_authorizer')).toEqual([]);
  });

  it.each(NAMES)('tells %s so', (name) => {
    const { environment } = resourceWith(stack, 'aws_lambda_function', ['function_name', physicalName(name)]);
    const { variables } = environment as { readonly variables: Readonly<Record<string, string>> };
    expect(JSON.parse(variables.SMOOTHER_SETTINGS ?? '')).toMatchObject({ api_authorization: 'api_key' });
  });

  it.each(NAMES)('lets %s make no keys: it may not write the table, or not there', (name) => {
    const statements = permissionsOf(name);
    const writes = statements.filter(
      ({ Effect, Action, Resource }) =>
        Effect === 'Allow' &&
        Action.some((action) => /^dynamodb:(Put|Update|Delete|BatchWrite|Transact|Partiql)/i.test(action)) &&
        Resource.includes(ref('aws_dynamodb_table.reporting.arn')),
    );
    const denials = statements.filter(({ Effect, Sid }) => Effect === 'Deny' && Sid === 'NoKeys');

    expect(writes.flatMap(({ Action }) => Action).filter((action) => !DENIED.includes(action))).toEqual(
      writes.flatMap(({ Action }) => Action).filter((action) => /Get|Query|Scan/.test(action)),
    );
    expect(denials).toEqual(
      writes.length === 0
        ? []
        : [
            {
              Sid: 'NoKeys',
              Effect: 'Deny',
              Action: DENIED,
              Resource: [ref('aws_dynamodb_table.reporting.arn')],
              Condition: { 'ForAnyValue:StringEquals': { 'dynamodb:LeadingKeys': ['api-keys'] } },
            },
          ],
    );
  });

  it('has functions of both kinds', () => {
    const denied = NAMES.filter((name) => permissionsOf(name).some(({ Sid }) => Sid === 'NoKeys'));
    expect(denied).toEqual(['ingestion', 'prioritization', 'reconciler']);
  });

  it.each(['ingestion', 'query'] as const)('lets %s read them', (name) => {
    const reading = permissionsOf(name).filter(
      ({ Effect, Action, Resource }) =>
        Effect === 'Allow' &&
        Action.includes('dynamodb:GetItem') &&
        Resource.includes(ref('aws_dynamodb_table.reporting.arn')),
    );
    expect(reading).toHaveLength(1);
  });
});

describe('a deployment whose API asks for nothing', () => {
  it('is refused', () => {
    expect(findFaults(settingsOf({ api_authorization: 'none' }))).toEqual([
      '`api_authorization` is `none`, which is for the local run: deploy with `iam`, `jwt` or `api_key`.',
    ]);
  });
});
