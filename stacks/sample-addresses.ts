import { describeResources, inEnvironment } from '../shared/contract/resources.ts';
import { bucketName } from '../shared/core/bucket-name.ts';
import type { Addresses } from './function-environment.ts';
import type { DeployableSettings } from './settings.ts';

/** Any account has an id of this length. */
const SOME_ACCOUNT = '0'.repeat(12);

/** Names as long as those that a deployment will have, before there is one. */
export const sampleAddresses = (
  settings: Pick<DeployableSettings, 'models' | 'environment' | 'aws_region'>,
): Addresses => {
  const { tables, bucket } = describeResources(settings);
  const { environment, aws_region: region } = settings;
  return {
    account: SOME_ACCOUNT,
    requestsTable: inEnvironment(environment, tables.requests.name),
    reportingTable: inEnvironment(environment, tables.reporting.name),
    bucket: bucketName(bucket, { environment, region, account: SOME_ACCOUNT }),
  };
};
