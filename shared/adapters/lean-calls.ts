import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { Credentials } from './aws-signing.ts';
import { createCallSigner, type SigningScope } from './sign-request.ts';

type Stack = DynamoDBClient['middlewareStack'];
type Chain = ReturnType<Stack['resolve']>;
type End = Parameters<Stack['resolve']>[0];
type ChainContext = Parameters<Stack['resolve']>[1];

interface HttpCall {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly query?: Readonly<Record<string, unknown>>;
  headers: Record<string, string>;
  readonly body: string | Uint8Array;
}

/** What the chains read of a client's resolved configuration. */
interface ClientConfig {
  readonly protocol: {
    serializeRequest(operation: Operation, input: object, context: object): Promise<HttpCall>;
    deserializeResponse(operation: Operation, context: object, response: object): Promise<object>;
  };
  readonly credentials: () => Promise<Credentials>;
  readonly systemClockOffset: number;
  readonly httpAuthSchemes: readonly {
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
interface Learned {
  readonly endpoint: Pick<HttpCall, 'protocol' | 'hostname' | 'port' | 'path' | 'query'>;
  readonly host: string;
  readonly scope: SigningScope;
  /** Of the queue's URL, where there is one: without an endpoint of its own a call goes there. */
  readonly origin: string;
}

/** What is known after the first call, and what is done in another way below. */
const REPLACED = [
  'httpAuthSchemeMiddleware',
  'endpointV2Middleware',
  'queueUrlMiddleware',
  'serializerMiddleware',
  'contentLengthMiddleware',
  'hostHeaderMiddleware',
  'httpSigningMiddleware',
  'deserializerMiddleware',
] as const;

const SCOPE = /^AWS4-HMAC-SHA256 Credential=[^/]+\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request,/;

const originOf = (input: object): string => {
  const { QueueUrl: url } = input as { readonly QueueUrl?: unknown };
  return typeof url === 'string' ? url.slice(0, url.indexOf('/', 'https://'.length)) : '';
};

/** Nothing of what is signed in another way, or goes to another path. */
const learnFrom = (call: HttpCall, input: object): Learned | undefined => {
  const [, region, service] = SCOPE.exec(call.headers.authorization ?? '') ?? [];
  const { protocol, hostname, port, path, query = {}, headers } = call;
  const { host } = headers;
  if (region === undefined || service === undefined || host === undefined) return undefined;
  if (path !== '/' || Object.keys(query).length > 0) return undefined;
  const endpoint = { protocol, hostname, ...(port === undefined ? {} : { port }), path, query };
  return { endpoint, host, scope: { region, service }, origin: originOf(input) };
};

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

const addLeanSteps = (
  stack: Stack,
  { config, context, learned }: { config: ClientConfig; context: ChainContext; learned: Learned },
): void => {
  const operation = operationOf(context);
  const { protocol } = config;
  const within = { ...config, ...context, endpoint: async () => learned.endpoint };
  const sign = createCallSigner(learned.scope);
  const onError = config.httpAuthSchemes[0]?.signer.errorHandler;

  stack.add(
    (next) => async (args) => {
      const request = await protocol.serializeRequest(operation, args.input, within);
      request.headers.host = learned.host;
      request.headers['content-length'] = String(Buffer.byteLength(request.body));
      return next({ ...args, request });
    },
    { step: 'serialize', name: 'serializerMiddleware' },
  );
  stack.addRelativeTo(
    ((next: End): End =>
      async (args) => {
        const request = args.request as HttpCall;
        const sent = {
          config,
          _requestSentAt: Date.now(),
          _preRequestSystemClockOffset: config.systemClockOffset,
        };
        request.headers = sign(request, await config.credentials(), Date.now() + config.systemClockOffset);
        try {
          return await next(args);
        } catch (error) {
          // It sees whether the clocks differ, and by how much, for the next try.
          onError?.(sent)(error as Error);
          throw error;
        }
      }) as Parameters<Stack['addRelativeTo']>[0],
    { relation: 'after', toMiddleware: 'retryMiddleware', name: 'httpSigningMiddleware' },
  );
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

/** One command's chain: the SDK's own until a call of it has come through, and the lean one from then on. */
const createChain = (
  stack: Stack,
  config: ClientConfig,
  resolving: { end: End; context: ChainContext },
): Chain => {
  const { end, context } = resolving;
  let learned: Learned | undefined;
  let lean: Chain | undefined;

  const toLean = (known: Learned): Chain => {
    const without = stack.clone();
    for (const name of REPLACED) without.remove(name);
    const own = { ...context };
    addLeanSteps(without, { config, context: own, learned: known });
    return without.resolve(end, own);
  };

  const learning = stack.clone();
  learning.add(
    (next) => async (args) => {
      const result = await next(args);
      learned ??= learnFrom(args.request as HttpCall, args.input);
      if (learned !== undefined) lean ??= toLean(learned);
      return result;
    },
    { step: 'finalizeRequest', name: 'learnEndpoint', priority: 'low' },
  );
  const usual = learning.resolve(end, context);

  return (args) =>
    lean !== undefined && learned?.origin === originOf(args.input) ? lean(args) : usual(args);
};

/**
 * Makes the calls of a client cheaper, by half, and leaves what they do alone. The SDK finds out anew for each call where
 * it goes, who may sign it and for what, copies its whole configuration four times on the way, and makes a signer. All of
 * that is the same for each call of a command: it is taken from the first one, which the SDK makes. Its retries, its
 * credentials, its serialization and its errors stay.
 *
 * Only for clients that speak AWS JSON and keep their chains (`cacheMiddleware`).
 */
export const makeLean = <C extends SQSClient | DynamoDBClient>(client: C): C => {
  const config = client.config as unknown as ClientConfig;
  const clientStack = client.middlewareStack as unknown as Stack;
  const concat = clientStack.concat.bind(clientStack);
  Object.assign(clientStack, {
    concat: (from: Stack): Stack => {
      const stack = concat(from);
      const whole = stack.clone();
      return Object.assign(stack, {
        resolve: (end: End, context: ChainContext) => createChain(whole, config, { end, context }),
      });
    },
  });
  return client;
};
