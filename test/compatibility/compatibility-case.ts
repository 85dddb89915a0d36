import type { Anthropic } from '@anthropic-ai/sdk';
import type { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime';
import type { OpenAI } from 'openai';

/** The clients as their makers publish them, with nothing changed but an address and a key. */
export interface Clients {
  readonly anthropic: Anthropic;
  readonly openai: OpenAI;
  /** As its default is: over HTTP/2, with a bearer token. */
  readonly aws: BedrockRuntimeClient;
  /** Over HTTP/1.1, as other SDKs of AWS speak. */
  readonly awsOverHttp1: BedrockRuntimeClient;
}

export const SDKS = {
  anthropic: '@anthropic-ai/sdk',
  openai: 'openai',
  aws: '@aws-sdk/client-bedrock-runtime',
} as const;

export type SdkName = keyof typeof SDKS;

export interface CompatibilityCase {
  readonly sdk: SdkName;
  readonly call: string;
  /** `no`: it is refused in the words of the SDK, and says what there is instead. */
  readonly works: 'yes' | 'no';
  /** What holds, as the table tells it. */
  readonly sentence: string;
  readonly run: (clients: Clients) => Promise<void>;
}
