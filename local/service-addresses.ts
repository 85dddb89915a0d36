import type { ServiceAddress, ServiceAddresses } from '../functions/runtime/compose-clients.ts';
import type { Environment } from '../functions/runtime/environment.ts';
import { codeOf, UserError } from './user-error.ts';

/** The services, with the variables by which the AWS SDKs are told where they are. */
const VARIABLES = {
  sqs: 'AWS_ENDPOINT_URL_SQS',
  dynamodb: 'AWS_ENDPOINT_URL_DYNAMODB',
  s3: 'AWS_ENDPOINT_URL_S3',
  sns: 'AWS_ENDPOINT_URL_SNS',
  bedrockRuntime: 'AWS_ENDPOINT_URL_BEDROCK_RUNTIME',
  serviceQuotas: 'AWS_ENDPOINT_URL_SERVICE_QUOTAS',
  cloudWatch: 'AWS_ENDPOINT_URL_CLOUDWATCH',
} as const;

export type ServiceName = keyof typeof VARIABLES;
export const SERVICE_NAMES = Object.keys(VARIABLES) as readonly ServiceName[];

export type Endpoints = Readonly<Record<ServiceName, string>>;

/** The embedded services take any signature. */
export const LOCAL_CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

/** The variable that gives a service's address, if one does. */
export const variableOf = (name: ServiceName, env: Environment): string =>
  (env[VARIABLES[name]] ?? '') === '' ? 'AWS_ENDPOINT_URL' : VARIABLES[name];

const checkUrl = (name: ServiceName, endpoint: string, env: Environment): void => {
  if (!/^https?:$/.test(URL.canParse(endpoint) ? new URL(endpoint).protocol : ''))
    throw new UserError(`${variableOf(name, env)} must be an http or https URL, not "${endpoint}".`);
};

/** Services whose address the environment gives: they are not embedded but used as given. */
export const givenEndpoints = (env: Environment): Partial<Endpoints> =>
  Object.fromEntries(
    SERVICE_NAMES.flatMap((name) => {
      const endpoint = env[VARIABLES[name]] || env.AWS_ENDPOINT_URL;
      if (endpoint === undefined || endpoint === '') return [];
      checkUrl(name, endpoint, env);
      return [[name, endpoint]];
    }),
  );

/** Faults of a service that is used as given are the user's to mend; those of an embedded one are ours. */
export const toGivenFault = (
  name: ServiceName,
  given: Partial<Endpoints>,
  env: Environment,
  error: unknown,
): unknown => {
  if (given[name] === undefined) return error;
  const { name: kind, message } = error as Error;
  const reason = message === '' ? (codeOf(error) ?? kind) : message;
  const variable = variableOf(name, env);
  return new UserError(
    `The service at ${given[name]} (${variable}) cannot be used: ${reason}. Start it, correct ${variable}, or unset it to use the embedded one.`,
  );
};

const isLoopback = (endpoint: string): boolean => /^https?:\/\/(127\.|localhost|\[::1\])/.test(endpoint);

const hasCredentials = (env: Environment): boolean =>
  (env.AWS_ACCESS_KEY_ID ?? '') !== '' || (env.AWS_PROFILE ?? '') !== '';

/** How the functions reach each service: embedded ones with made-up credentials, given ones with the user's. */
export const addressesOf = (
  endpoints: Endpoints,
  given: Partial<Endpoints>,
  env: Environment,
): Required<ServiceAddresses> => {
  const addressOf = (name: ServiceName): ServiceAddress => {
    const endpoint = endpoints[name];
    const madeUp = isLoopback(endpoint) && (given[name] === undefined || !hasCredentials(env));
    return madeUp ? { endpoint, credentials: LOCAL_CREDENTIALS } : { endpoint };
  };
  return {
    sqs: addressOf('sqs'),
    dynamodb: addressOf('dynamodb'),
    s3: addressOf('s3'),
    sns: addressOf('sns'),
    bedrockRuntime: addressOf('bedrockRuntime'),
    serviceQuotas: addressOf('serviceQuotas'),
    cloudWatch: addressOf('cloudWatch'),
  };
};
