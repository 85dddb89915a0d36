import { type BucketDescription, inEnvironment } from '../contract/resources.ts';

export interface BucketPlace {
  readonly environment: string | undefined;
  readonly region: string;
  readonly account: string;
}

/** Bucket names are shared by all accounts and regions of the world. */
export const bucketName = (
  { name }: BucketDescription,
  { environment, region, account }: BucketPlace,
): string => `${inEnvironment(environment, name)}-${account}-${region}`;
