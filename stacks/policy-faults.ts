import { FUNCTIONS, type FunctionName } from '../shared/contract/functions.ts';
import { inEnvironment } from '../shared/contract/resources.ts';
import { partitionOf } from './partition.ts';
import { functionPermissions, type Reachable } from './permissions.ts';
import { platformPermissions } from './platform-permissions.ts';
import { toPolicy } from './policy.ts';
import { sampleAddresses } from './sample-addresses.ts';
import type { DeployableSettings } from './settings.ts';

/** IAM's own, of all policies of a role together: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const POLICY_CHARACTERS = 10_240;

const SAMPLE_KEY_ID = '00000000-0000-0000-0000-000000000000';

type ArnOf = (service: string, resource: string) => string;

const toReachable = (settings: DeployableSettings, arnOf: ArnOf): Reachable => {
  const { requestsTable, reportingTable, bucket } = sampleAddresses(settings);
  const requests = arnOf('dynamodb', `table/${requestsTable}`);
  const bucketArn = `arn:${partitionOf(settings.aws_region).name}:s3:::${bucket}`;
  return {
    queues: { get: (name) => ({ arn: arnOf('sqs', inEnvironment(settings.environment, name)) }) },
    requests: { arn: requests, indexArns: [`${requests}/index/of-some-attribute`] },
    reporting: { arn: arnOf('dynamodb', `table/${reportingTable}`) },
    bucket: { arn: bucketArn, arnOf: (folder) => `${bucketArn}/${folder}*` },
  };
};

const keyOf = ({ kms_key: chosen }: DeployableSettings, arnOf: ArnOf): string | undefined => {
  if (chosen === 'aws') return undefined;
  return chosen === 'create' ? arnOf('kms', `key/${SAMPLE_KEY_ID}`) : chosen;
};

/** Characters of what the role of each function may do; white space is not counted. */
const policySizes = (settings: DeployableSettings): readonly (readonly [FunctionName, number])[] => {
  const { aws_region: region, environment } = settings;
  const { account } = sampleAddresses(settings);
  const arnOf: ArnOf = (service, resource) =>
    `arn:${partitionOf(region).name}:${service}:${region}:${account}:${resource}`;
  const stores = { ...toReachable(settings, arnOf), kmsKeyArn: keyOf(settings, arnOf) };
  const permissions = functionPermissions(stores, settings, account);
  // Object.keys forgets the key type of a constant.
  return (Object.keys(FUNCTIONS) as FunctionName[]).map((name) => {
    const platform = platformPermissions(
      arnOf('logs', `log-group:/aws/lambda/${inEnvironment(environment, name)}`),
      arnOf('sqs', inEnvironment(environment, `${name}-dlq`)),
    );
    return [name, toPolicy([...platform, ...permissions[name]]).replaceAll(/\s/g, '').length];
  });
};

/** Each pool and target takes room in what a role may do. */
export const policyFaults = (settings: DeployableSettings): readonly string[] =>
  policySizes(settings).flatMap(([name, characters]) =>
    characters <= POLICY_CHARACTERS
      ? []
      : [
          `The settings make what the function \`${name}\` may do ${characters.toLocaleString('en')} characters and IAM allows ${POLICY_CHARACTERS.toLocaleString('en')}: name fewer pools and targets in \`models\`, or shorter ones.`,
        ],
  );
