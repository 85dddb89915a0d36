import { type BucketDescription, physicalName } from '../shared/contract/resources.ts';

/** Bucket names are shared by all accounts and regions of the world. */
export const bucketName = ({ name }: BucketDescription, region: string, account: string): string =>
  `${physicalName(name)}-${account}-${region}`;
