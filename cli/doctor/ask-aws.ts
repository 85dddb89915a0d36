import { z } from 'zod';
import {
  type AddressedService,
  type Environment,
  givenEndpoint,
} from '../../functions/runtime/environment.ts';
import { codeOf } from '../../local/user-error.ts';
import { awsEndpointOf } from '../../shared/adapters/aws-json-call.ts';
import { type Credentials, createAwsSigner } from '../../shared/adapters/aws-signing.ts';

/** A service by its host, by the name that signatures carry, and by that of the variable with its address. */
interface Service {
  readonly host: string;
  readonly signedAs: string;
  readonly variable: AddressedService;
}

export const SERVICES = {
  sts: { host: 'sts', signedAs: 'sts', variable: 'STS' },
  bedrock: { host: 'bedrock', signedAs: 'bedrock', variable: 'BEDROCK' },
  bedrockRuntime: { host: 'bedrock-runtime', signedAs: 'bedrock', variable: 'BEDROCK_RUNTIME' },
  sqs: { host: 'sqs', signedAs: 'sqs', variable: 'SQS' },
  dynamodb: { host: 'dynamodb', signedAs: 'dynamodb', variable: 'DYNAMODB' },
  s3: { host: 's3', signedAs: 's3', variable: 'S3' },
} as const satisfies Readonly<Record<string, Service>>;

export interface AwsQuestion {
  readonly service: keyof typeof SERVICES;
  readonly region: string;
  readonly method: 'GET' | 'POST' | 'HEAD';
  /** Escaped as it goes over the wire. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export type AwsAnswer =
  | { readonly kind: 'answered'; readonly text: string; readonly date: string | null }
  | {
      readonly kind: 'refused';
      readonly status: number;
      readonly fault: string;
      readonly message: string;
      readonly date: string | null;
    }
  /** Nobody is there, or says nothing. */
  | { readonly kind: 'silent'; readonly reason: string };

export type AskAws = (question: AwsQuestion) => Promise<AwsAnswer>;

export interface AskOptions {
  readonly env: Environment;
  readonly credentials: () => Promise<Credentials>;
  readonly nowMs: () => number;
}

/** Whoever asks what is wrong is shown it soon. */
export const PATIENCE_MS = 5_000;

const JSON_FAULT = z.object({
  __type: z.string().optional(),
  message: z.string().optional(),
  Message: z.string().optional(),
});

const parseJson = (text: string): z.infer<typeof JSON_FAULT> => {
  try {
    return JSON_FAULT.parse(JSON.parse(text));
  } catch {
    return {};
  }
};

/** The text of an element without others in it. */
export const inXml = (text: string, element: string): string | undefined =>
  new RegExp(`<${element}>([^<]*)</${element}>`).exec(text)?.[1];

/** In JSON or XML, by the service; its name may stand in a header. */
const faultOf = (headers: Headers, text: string): { readonly fault: string; readonly message: string } => {
  const { __type, message, Message } = parseJson(text);
  const named = headers.get('x-amzn-errortype') ?? __type ?? inXml(text, 'Code') ?? 'no name';
  return {
    // `…#AccessDeniedException` and `AccessDeniedException:http://…` both come.
    fault: named.replace(/^.*#/, '').replace(/:.*$/, ''),
    message: message ?? Message ?? inXml(text, 'Message') ?? '',
  };
};

const reasonOf = (error: unknown): string => {
  const { name, message, cause } = error as Error;
  if (name === 'TimeoutError') return `no answer within ${PATIENCE_MS / 1000} s`;
  return codeOf(cause) ?? message;
};

/** Signed calls without a client of the SDK: no waiting, no tries. */
export const createAskAws =
  ({ env, credentials, nowMs }: AskOptions): AskAws =>
  async ({ service, region, method, path, headers = {}, body }) => {
    const { host, signedAs, variable } = SERVICES[service];
    const url = new URL(path, givenEndpoint(variable, env) ?? awsEndpointOf(host, region));
    const sign = createAwsSigner({ service: signedAs, region, credentials, nowMs });
    try {
      const signed = await sign({ method, url, headers, body });
      const signal = AbortSignal.timeout(PATIENCE_MS);
      const response = await fetch(url, {
        method,
        headers: signed,
        signal,
        ...(body === undefined ? {} : { body }),
      });
      const text = await response.text();
      const date = response.headers.get('date');
      if (response.ok) return { kind: 'answered', text, date };
      return { kind: 'refused', status: response.status, ...faultOf(response.headers, text), date };
    } catch (error) {
      return { kind: 'silent', reason: reasonOf(error) };
    }
  };
