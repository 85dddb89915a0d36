import type { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SQSClient } from '@aws-sdk/client-sqs';
import {
  addLeanSteps,
  type Chain,
  type ChainArgs,
  type ChainContext,
  type ClientConfig,
  type End,
  type HttpCall,
  type Learned,
  type Stack,
} from './lean-steps.ts';

/** What is known after the first call, what is done in another way, and what no answer depends on. */
const REPLACED = [
  'httpAuthSchemeMiddleware',
  'endpointV2Middleware',
  'queueUrlMiddleware',
  'serializerMiddleware',
  'contentLengthMiddleware',
  'hostHeaderMiddleware',
  'getUserAgentMiddleware',
  'loggerMiddleware',
  'httpSigningMiddleware',
  'deserializerMiddleware',
] as const;

const SCOPE = /^AWS4-HMAC-SHA256 Credential=[^/]+\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request,/;

/** At the root of its host: else there is more to an endpoint than its host. */
const OWN_PATH = /^\/(model\/.*)?$/;

/** Of the queue's URL, where there is one: without an endpoint of its own a call goes there. */
const originOf = (input: object): string => {
  const { QueueUrl: url } = input as { readonly QueueUrl?: unknown };
  return typeof url === 'string' ? url.slice(0, url.indexOf('/', 'https://'.length)) : '';
};

const learnFrom = (call: HttpCall): Learned | undefined => {
  const [, region, service] = SCOPE.exec(call.headers.authorization ?? '') ?? [];
  const { method, protocol, hostname, port, path, query = {}, headers } = call;
  const { host } = headers;
  if (region === undefined || service === undefined || host === undefined || method !== 'POST')
    return undefined;
  if (!OWN_PATH.test(path) || Object.keys(query).length > 0) return undefined;
  const endpoint = { protocol, hostname, ...(port === undefined ? {} : { port }), path: '/', query };
  return { endpoint, host, scope: { region, service } };
};

interface Known {
  readonly origin: string;
  readonly chain: Chain;
}

interface Resolving {
  readonly end: End;
  readonly context: ChainContext;
}

interface OfOneCall {
  readonly abortSignal?: unknown;
  readonly commandInstance?: unknown;
}

interface Ending extends ChainArgs {
  /** Of this one call: it has its signal. */
  readonly end?: End;
}

const toChain = (usual: Stack, learned: Learned, config: ClientConfig, first: ChainContext): Chain => {
  const stack = usual.clone();
  for (const name of REPLACED) stack.remove(name);
  // Of all calls: what belongs to the first one alone is not theirs.
  const { abortSignal: _, commandInstance: __, ...smithy } = first.__smithy_context as OfOneCall;
  const context = { ...first, __smithy_context: smithy };
  addLeanSteps(stack, { config, context, learned });
  return stack.resolve((args) => {
    const { end } = args as Ending;
    if (end === undefined) throw new Error('a middleware has lost where its call ends');
    return end(args);
  }, context);
};

/** The SDK's own chain, which tells what it did as soon as a call has come through it. */
const learningChain = (
  usual: Stack,
  { end, context }: Resolving,
  learn: (call: HttpCall, input: object) => void,
): Chain => {
  const stack = usual.clone();
  stack.add(
    (next) => async (args) => {
      const result = await next(args);
      learn(args.request as HttpCall, args.input);
      return result;
    },
    { step: 'finalizeRequest', name: 'learnEndpoint', priority: 'low' },
  );
  return stack.resolve(end, context);
};

const isStreamed = ({ commandName = '' }: ChainContext): boolean => /Stream(Command)?$/.test(commandName);

/**
 * Makes the calls of a client cheaper, by half, and leaves what they do alone. The SDK finds out anew for each call where
 * it goes, who may sign it and for what, copies its whole configuration four times on the way, and makes a signer. All of
 * that is the same for each call of a command: it is taken from the first one, which the SDK makes. Its retries, its
 * credentials, its serialization and its errors stay.
 */
export const makeLean = <C extends SQSClient | DynamoDBClient | BedrockRuntimeClient>(client: C): C => {
  const config = client.config as unknown as ClientConfig;
  const clientStack = client.middlewareStack as unknown as Stack;
  const concat = clientStack.concat.bind(clientStack);
  const known = new Map<string, Known>();

  const resolve = (from: Stack, resolving: Resolving): Chain => {
    const { end, context } = resolving;
    const { commandName = '' } = context;
    let usual: Chain | undefined;
    const learn = (stack: Stack) => (call: HttpCall, input: object) => {
      if (known.has(commandName) || isStreamed(context)) return;
      const learned = learnFrom(call);
      if (learned === undefined) return;
      known.set(commandName, { origin: originOf(input), chain: toChain(stack, learned, config, context) });
    };
    return (args) => {
      const lean = known.get(commandName);
      const ending: Ending = { ...args, end };
      if (lean?.origin === originOf(args.input)) return lean.chain(ending);
      const stack = concat(from);
      usual ??= learningChain(stack, resolving, learn(stack));
      return usual(args);
    };
  };

  Object.assign(clientStack, {
    // The commands ask nothing else of it. Composing is most of what a call costs whose chain is not kept.
    concat: (from: Stack) => ({
      resolve: (end: End, context: ChainContext) => resolve(from, { end, context }),
    }),
  });
  return client;
};
