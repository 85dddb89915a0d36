import { randomBytes } from 'node:crypto';
import Anthropic from '@anthropic-ai/sdk';
import { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import OpenAI from 'openai';
import { createDocumentClient } from '../../functions/runtime/compose-clients.ts';
import type { ReadyLine } from '../../local/ready-line.ts';
import { LOCAL_CREDENTIALS } from '../../local/service-addresses.ts';
import { createDynamoApiKeys } from '../../shared/adapters/dynamo-api-keys.ts';
import { DEFAULT_SCOPES } from '../../shared/contract/api-keys.ts';
import { createApiKeyText } from '../../shared/core/identity/api-key-text.ts';
import type { Clients } from './compatibility-case.ts';

/** Makes a key for a tenant of a pipeline that runs. */
export const giveKey = async ({ endpoints, region, tables }: ReadyLine, tenant: string): Promise<string> => {
  const client = createDocumentClient(region, {
    endpoint: endpoints.dynamodb,
    credentials: LOCAL_CREDENTIALS,
  });
  const { text, id, hash } = createApiKeyText(randomBytes);
  try {
    await createDynamoApiKeys({ client, table: tables.reporting }).create({
      ...{ id, hash, name: 'for SDKs', tenant, scopes: DEFAULT_SCOPES },
      ...{ createdAtMs: Date.now(), expiresAtMs: null },
    });
  } finally {
    client.destroy();
  }
  return text;
};

const awsClient = ({ sdk, region }: ReadyLine, key: string, handler = {}): BedrockRuntimeClient =>
  new BedrockRuntimeClient({
    region,
    endpoint: sdk.aws,
    token: { token: key },
    authSchemePreference: ['httpBearerAuth'],
    ...handler,
  });

export const createClients = (ready: ReadyLine, key: string): Clients => ({
  anthropic: new Anthropic({ baseURL: ready.sdk.anthropic, apiKey: key, maxRetries: 0 }),
  openai: new OpenAI({ baseURL: ready.sdk.openai, apiKey: key, maxRetries: 0 }),
  aws: awsClient(ready, key),
  awsOverHttp1: awsClient(ready, key, { requestHandler: new NodeHttpHandler() }),
});

export const destroyClients = ({ aws, awsOverHttp1 }: Clients): void => {
  aws.destroy();
  awsOverHttp1.destroy();
};
