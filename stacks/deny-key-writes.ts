import { API_KEYS } from '../shared/contract/keys.ts';
import type { Statement } from './policy.ts';
import type { DeployableSettings } from './settings.ts';

const WRITES = ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'];

const mayWrite = (statements: readonly Statement[], tableArn: string): boolean =>
  statements.some(
    ({ Action, Resource }) => Resource.includes(tableArn) && Action.some((action) => WRITES.includes(action)),
  );

/**
 * API keys lie in a table that functions write for other reasons: none of them makes keys, so that nobody who gets hold of
 * one does. Adds that to what a function may do, where it could otherwise.
 */
export const denyKeyWrites =
  ({ api_authorization }: Pick<DeployableSettings, 'api_authorization'>, reportingTableArn: string) =>
  (statements: readonly Statement[]): readonly Statement[] =>
    api_authorization === 'api_key' && mayWrite(statements, reportingTableArn)
      ? [
          ...statements,
          {
            Sid: 'NoKeys',
            Effect: 'Deny',
            Action: WRITES,
            Resource: [reportingTableArn],
            Condition: { 'ForAnyValue:StringEquals': { 'dynamodb:LeadingKeys': [API_KEYS] } },
          },
        ]
      : statements;
