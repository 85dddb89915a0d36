import type { Environment } from '../functions/runtime/environment.ts';
import { UserError } from '../local/user-error.ts';
import { createCredentialSource } from '../shared/adapters/aws-credentials.ts';
import { type Credentials, createAwsSigner } from '../shared/adapters/aws-signing.ts';
import { CREDENTIALS_REMEDY } from './credentials-remedy.ts';
import type { SignCall } from './outgoing-call.ts';

export interface SigningPlace {
  readonly service: 'execute-api' | 'lambda';
  readonly region: string;
}

const API_GATEWAY = /\.execute-api\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?$/;
const FUNCTION_URL = /\.lambda-url\.([a-z0-9-]+)\.on\.aws$/;

/** What a signature has to name. The address tells it, but where a domain of one’s own stands in front. */
export const signingPlaceOf = (endpoint: string, region: string | undefined): SigningPlace => {
  const { hostname } = new URL(endpoint);
  const ofFunction = FUNCTION_URL.exec(hostname)?.[1];
  if (ofFunction !== undefined) return { service: 'lambda', region: ofFunction };
  const known = API_GATEWAY.exec(hostname)?.[1] ?? region;
  if (known !== undefined) return { service: 'execute-api', region: known };
  throw new UserError(
    `Signatures name a region, and ${hostname} tells none: set AWS_REGION, or "region" in the profile.`,
  );
};

const resolved = (credentials: () => Promise<Credentials>) => async (): Promise<Credentials> => {
  try {
    return await credentials();
  } catch (error) {
    throw new UserError(
      `--auth iam signs calls, and there are no AWS credentials: ${(error as Error).message}. ${CREDENTIALS_REMEDY}`,
    );
  }
};

export interface SignOptions {
  readonly endpoint: string;
  /** Of the profile. */
  readonly region: string | undefined;
  readonly env: Environment;
}

/** Signs calls of an API that authorizes by IAM, as the AWS CLI would. */
export const createSignCalls = (
  { endpoint, region, env }: SignOptions,
  credentialsIn: (region: string) => () => Promise<Credentials> = createCredentialSource,
): SignCall => {
  const place = signingPlaceOf(endpoint, region ?? (env.AWS_REGION || env.AWS_DEFAULT_REGION || undefined));
  return createAwsSigner({ ...place, credentials: resolved(credentialsIn(place.region)) });
};
