import { Agent } from 'node:http';
import { Agent as SecureAgent } from 'node:https';
import { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { makeLean } from '../../shared/adapters/lean-calls.ts';

export type SdkClient = SQSClient | SNSClient | DynamoDBClient | S3Client | BedrockRuntimeClient;

/** Where a service is found, and who asks, when it is not for the SDK to find out. */
export interface ServiceAddress {
  /** Sees every client that is made, such as to count what it does. */
  readonly onClient?: (client: SdkClient) => void;
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

export interface ServiceAddresses {
  readonly sqs?: ServiceAddress;
  readonly dynamodb?: ServiceAddress;
  readonly s3?: ServiceAddress;
  readonly sns?: ServiceAddress;
  readonly bedrockRuntime?: ServiceAddress;
  /** No client of the SDK: `onClient` is not told. */
  readonly serviceQuotas?: ServiceAddress;
  readonly cloudWatch?: ServiceAddress;
}

const handlerOf = (maxSockets: number, requestTimeout: number): NodeHttpHandler =>
  new NodeHttpHandler({
    httpAgent: new Agent({ keepAlive: true, maxSockets }),
    httpsAgent: new SecureAgent({ keepAlive: true, maxSockets }),
    connectionTimeout: 5_000,
    requestTimeout,
  });

/** Longer than the longest long poll, so that a receive is never given up while messages may be on their way. */
const STORE_TIMEOUT_MS = 30_000;

/**
 * The chain that a call goes through is composed once for each command and not anew for each call, which is a fifth of
 * what a call costs. Only for clients whose calls have no options of their own: one that has throws all chains away.
 */
const COMPOSED_ONCE = { cacheMiddleware: true };

/** What no answer depends on though each call pays for it: telling the SDK's makers, and a logger that nobody has set. */
const NOT_NEEDED = ['getUserAgentMiddleware', 'loggerMiddleware'] as const;

const lean = <C extends SQSClient | DynamoDBClient>(client: C): C => {
  for (const name of NOT_NEEDED) client.middlewareStack.remove(name);
  return client;
};

const shown = <C extends SdkClient>(client: C, { onClient }: ServiceAddress): C => {
  onClient?.(client);
  return client;
};

export const createSqsClient = (region: string, address: ServiceAddress = {}): SQSClient =>
  shown(
    makeLean(
      lean(
        new SQSClient({
          region,
          ...address,
          ...COMPOSED_ONCE,
          // TCP and TLS see to it that a message arrives as it was sent.
          md5: false,
          requestHandler: handlerOf(200, STORE_TIMEOUT_MS),
        }),
      ),
    ),
    address,
  );

export const createSnsClient = (region: string, address: ServiceAddress = {}): SNSClient =>
  shown(new SNSClient({ region, ...address, requestHandler: handlerOf(20, STORE_TIMEOUT_MS) }), address);

export const createDynamoClient = (region: string, address: ServiceAddress = {}): DynamoDBClient =>
  shown(
    makeLean(
      lean(
        new DynamoDBClient({
          region,
          ...address,
          ...COMPOSED_ONCE,
          requestHandler: handlerOf(200, STORE_TIMEOUT_MS),
        }),
      ),
    ),
    address,
  );

/**
 * For what is seldom asked: lists, and what operators say. Its chains are composed anew for each call, because the chain of
 * a document's command holds the values of that one call: kept, it would repeat them in the next.
 */
export const createDocumentClient = (region: string, address: ServiceAddress = {}): DynamoDBDocumentClient =>
  DynamoDBDocumentClient.from(
    shown(
      lean(new DynamoDBClient({ region, ...address, requestHandler: handlerOf(20, STORE_TIMEOUT_MS) })),
      address,
    ),
    { marshallOptions: { removeUndefinedValues: true } },
  );

export const createS3Client = (region: string, address: ServiceAddress = {}): S3Client =>
  shown(
    new S3Client({
      region,
      ...address,
      // A bucket in the host's name would need DNS that a local address does not have.
      forcePathStyle: address.endpoint !== undefined,
      requestHandler: handlerOf(50, STORE_TIMEOUT_MS),
    }),
    address,
  );

export interface BedrockClients {
  /** One for each region and address, made when it is first asked for. */
  clientFor(place: { readonly region?: string; readonly endpoint?: string }): BedrockRuntimeClient;
  close(): void;
}

/**
 * HTTP/1.1 with kept connections: the client's own HTTP/2 opens a session for every call and gives up silently
 * after five minutes. `maxAttempts: 1`, since every retry belongs to the pipeline. The call's own timeout rules.
 */
export const createBedrockClient = (
  region: string,
  maxConcurrent: number,
  address: ServiceAddress = {},
): BedrockRuntimeClient =>
  shown(
    makeLean(
      new BedrockRuntimeClient({
        region,
        ...address,
        maxAttempts: 1,
        requestHandler: handlerOf(maxConcurrent + 10, 0),
      }),
    ),
    address,
  );

export const createBedrockClients = (
  ownRegion: string,
  maxConcurrent: number,
  address: ServiceAddress = {},
): BedrockClients => {
  const clients = new Map<string, BedrockRuntimeClient>();
  return {
    clientFor: ({ region = ownRegion, endpoint = address.endpoint }) => {
      const key = `${region} ${endpoint ?? ''}`;
      const found =
        clients.get(key) ??
        createBedrockClient(region, maxConcurrent, {
          ...address,
          ...(endpoint === undefined ? {} : { endpoint }),
        });
      clients.set(key, found);
      return found;
    },
    close: () => {
      for (const client of clients.values()) client.destroy();
      clients.clear();
    },
  };
};
