import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Credentials } from './aws-signing.ts';
import { createCallSigner, type SigningScope } from './sign-request.ts';

export type Stack = DynamoDBClient['middlewareStack'];
export type Chain = ReturnType<Stack['resolve']>;
export type ChainArgs = Parameters<Chain>[0];
export type End = Parameters<Stack['resolve']>[0];
export type ChainContext = Parameters<Stack['resolve']>[1];

export interface HttpCall {
  readonly method: string;
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly query?: Readonly<Record<string, unknown>>;
  headers: Record<string, string>;
  readonly body: string | Uint8Array;
}

/** What the chains read of a client's resolved configuration. */
export interface ClientConfig {
  readonly protocol: {
    serializeRequest(operation: Operation, input: object, context: object): Promise<HttpCall>;
    deserializeResponse(operation: Operation, context: object, response: object): Promise<object>;
  };
  readonly credentials: () => Promise<Credentials>;
  readonly systemClockOffset: number;
  readonly httpAuthSchemes: readonly {
    readonly schemeId: string;
    readonly signer: { readonly errorHandler?: (sent: object) => (error: Error) => never };
  }[];
}

interface Operation {
  readonly namespace: string;
  readonly name: string;
  readonly traits: unknown;
  readonly input: unknown;
  readonly output: unknown;
}

/** Where calls of a command go, and how they are signed: as the SDK had it in the first one. */
export interface Learned {
  readonly endpoint: Pick<HttpCall, 'protocol' | 'hostname' | 'port' | 'path' | 'query'>;
  readonly host: string;
  readonly scope: SigningScope;
}

export interface LeanOptions {
  readonly config: ClientConfig;
  readonly context: ChainContext;
  readonly learned: Learned;
}

/** An error as the SDK's retries want to see it. */
const withResponse = (error: unknown, response: object): unknown => {
  if (!(error instanceof Error)) return error;
  const { statusCode } = response as { readonly statusCode?: number };
  Object.defineProperty(error, '$response', { value: response, configurable: true });
  return '$metadata' in error ? error : Object.assign(error, { $metadata: { httpStatusCode: statusCode } });
};

const operationOf = (context: ChainContext): Operation => {
  const { operationSchema = [] } = context.__smithy_context as { readonly operationSchema?: unknown[] };
  const [, namespace, name, traits, input, output] = operationSchema;
  return { namespace: String(namespace), name: String(name), traits, input, output };
};

const signing = ({ config, learned }: LeanOptions) => {
  const sign = createCallSigner(learned.scope);
  const onError = config.httpAuthSchemes.find(({ schemeId }) => schemeId === 'aws.auth#sigv4')?.signer
    .errorHandler;
  return (next: End): End =>
    async (args) => {
      const request = args.request as HttpCall;
      const { systemClockOffset } = config;
      const sentAtMs = Date.now();
      request.headers = sign(request, await config.credentials(), sentAtMs + systemClockOffset);
      try {
        return await next(args);
      } catch (error) {
        // It sees whether the clocks differ, and by how much, for the next try.
        onError?.({ config, _requestSentAt: sentAtMs, _preRequestSystemClockOffset: systemClockOffset })(
          error as Error,
        );
        throw error;
      }
    };
};

/** The steps of a call that need not find out anything. */
export const addLeanSteps = (stack: Stack, options: LeanOptions): void => {
  const { config, context, learned } = options;
  const { protocol } = config;
  const operation = operationOf(context);
  const within = { ...config, ...context, endpoint: async () => learned.endpoint };

  stack.add(
    (next) => async (args) => {
      const request = await protocol.serializeRequest(operation, args.input, within);
      request.headers.host = learned.host;
      request.headers['content-length'] = String(Buffer.byteLength(request.body));
      return next({ ...args, request });
    },
    { step: 'serialize', name: 'serializerMiddleware' },
  );
  stack.addRelativeTo(signing(options) as Parameters<Stack['addRelativeTo']>[0], {
    relation: 'after',
    toMiddleware: 'retryMiddleware',
    name: 'httpSigningMiddleware',
  });
  stack.add(
    (next) => async (args) => {
      const { response } = await next(args);
      try {
        const output = await protocol.deserializeResponse(operation, within, response as object);
        return { response, output: output as never };
      } catch (error) {
        throw withResponse(error, response as object);
      }
    },
    { step: 'deserialize', name: 'deserializerMiddleware' },
  );
};
