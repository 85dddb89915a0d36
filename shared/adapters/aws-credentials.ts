import { SQSClient } from '@aws-sdk/client-sqs';
import type { Credentials } from './aws-signing.ts';

/** Who signs on this machine, as every client of the SDK finds it: variables, profiles, SSO, roles of the machine. */
export const createCredentialSource = (region: string): (() => Promise<Credentials>) => {
  const { config } = new SQSClient({ region });
  return () => config.credentials();
};
