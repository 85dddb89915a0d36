import { connect } from 'node:net';
import type { Environment } from '../../functions/runtime/environment.ts';
import { codeOf, UserError } from '../../local/user-error.ts';
import { createCredentialSource } from '../../shared/adapters/aws-credentials.ts';
import type { Credentials } from '../../shared/adapters/aws-signing.ts';
import { CREDENTIALS_REMEDY } from '../credentials-remedy.ts';
import { createAskAws } from '../doctor/ask-aws.ts';
import { askIdentity } from '../doctor/check-aws.ts';
import { judgeIdentity } from '../doctor/judge-identity.ts';
import type { ModelService } from './model-service.ts';

export interface ServiceCheck {
  readonly service: ModelService;
  readonly region: string;
  readonly env: Environment;
  readonly credentialsIn?: (region: string) => () => Promise<Credentials>;
}

/** Nobody is there: what else goes wrong may pass, and the pipeline tries again. */
const NOBODY = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH', 'ENETUNREACH']);
const PATIENCE_MS = 5_000;

const portOf = ({ port, protocol }: URL): number => Number(port || (protocol === 'https:' ? 443 : 80));

/** A connection, and not a word: what a server makes of a call that it does not know is its own business. */
const whyNobody = (url: URL): Promise<string | undefined> =>
  new Promise((settle) => {
    // An IPv6 address stands in brackets in a URL.
    const socket = connect({ host: url.hostname.replace(/^\[|\]$/g, ''), port: portOf(url) });
    const end = (code?: string): void => {
      socket.destroy();
      settle(code !== undefined && NOBODY.has(code) ? code : undefined);
    };
    socket.setTimeout(PATIENCE_MS, () => end());
    socket.once('connect', () => end());
    socket.once('error', (error) => end(codeOf(error)));
  });

const checkThere = async (url: string, remedy: string): Promise<void> => {
  const code = await whyNobody(new URL(url));
  if (code !== undefined)
    throw new UserError(`Nothing answers at ${url} (${code}); nothing was sent. ${remedy}`);
};

const DOCTOR = '`smoother doctor --aws` looks at the rest.';

/** Calls that nobody signs, or that AWS would refuse one like the other, are not worth being tried. */
const checkCredentials = async ({
  region,
  env,
  credentialsIn = createCredentialSource,
}: ServiceCheck): Promise<void> => {
  const credentials = credentialsIn(region);
  try {
    await credentials();
  } catch (error) {
    throw new UserError(
      `There are no AWS credentials (${(error as Error).message}); nothing was sent. ${CREDENTIALS_REMEDY} ${DOCTOR}`,
    );
  }
  const answer = await askIdentity(createAskAws({ env, credentials, nowMs: Date.now }), region);
  // Where STS cannot be reached, Bedrock may be.
  if (answer.kind !== 'refused') return;
  const { found, remedy } = judgeIdentity(answer, region).finding;
  throw new UserError(`The AWS credentials: ${found} Nothing was sent. ${remedy} ${DOCTOR}`);
};

/** Not one that stands in for it, such as a VPC endpoint. */
const isOwnEndpoint = (endpoint: string, region: string): boolean =>
  endpoint === `https://bedrock-runtime.${region}.amazonaws.com`;

/** What would have every request fail, told before the first is sent. */
export const checkService = async (check: ServiceCheck): Promise<void> => {
  const { service, region, env } = check;
  switch (service.kind) {
    case 'simulator':
      return;
    case 'openai':
      return checkThere(service.baseUrl, 'Start the server, or correct --base-url.');
    case 'given':
      return checkThere(service.endpoint, 'Start the service, or correct AWS_ENDPOINT_URL_BEDROCK_RUNTIME.');
    case 'aws':
      return isOwnEndpoint(service.endpoint, region) || env.AWS_ENDPOINT_URL_STS !== undefined
        ? checkCredentials(check)
        : checkThere(service.endpoint, 'Correct AWS_ENDPOINT_URL_BEDROCK_RUNTIME.');
  }
};
