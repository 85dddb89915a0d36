import type { RouteScope } from './routes.ts';

/** The doors that speak as others do: clients made for those need another address and nothing else. */
export const DOORS = {
  anthropic: { prefix: '/anthropic', speaks: 'the Anthropic API' },
  openai: { prefix: '/openai/v1', speaks: 'the OpenAI API' },
  bedrock: { prefix: '/bedrock', speaks: 'the Bedrock runtime' },
} as const satisfies Record<string, { readonly prefix: string; readonly speaks: string }>;

export type DoorName = keyof typeof DOORS;

export interface DoorRoute {
  /** `plain`: for programs that speak as nobody in particular does. */
  readonly door: DoorName | 'plain';
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Parameters in braces. */
  readonly path: string;
  readonly scope: RouteScope;
}

export const DOOR_ROUTES = [
  { door: 'anthropic', method: 'POST', path: '/anthropic/v1/messages', scope: 'submit' },
  { door: 'anthropic', method: 'POST', path: '/anthropic/v1/messages/batches', scope: 'submit' },
  { door: 'anthropic', method: 'GET', path: '/anthropic/v1/messages/batches', scope: 'read' },
  { door: 'anthropic', method: 'GET', path: '/anthropic/v1/messages/batches/{id}', scope: 'read' },
  { door: 'anthropic', method: 'DELETE', path: '/anthropic/v1/messages/batches/{id}', scope: 'cancel' },
  { door: 'anthropic', method: 'GET', path: '/anthropic/v1/messages/batches/{id}/results', scope: 'read' },
  { door: 'anthropic', method: 'POST', path: '/anthropic/v1/messages/batches/{id}/cancel', scope: 'cancel' },
  { door: 'anthropic', method: 'GET', path: '/anthropic/v1/models', scope: 'read' },
  { door: 'anthropic', method: 'GET', path: '/anthropic/v1/models/{model}', scope: 'read' },
  { door: 'openai', method: 'POST', path: '/openai/v1/chat/completions', scope: 'submit' },
  { door: 'openai', method: 'POST', path: '/openai/v1/files', scope: 'submit' },
  { door: 'openai', method: 'GET', path: '/openai/v1/files/{id}', scope: 'read' },
  { door: 'openai', method: 'GET', path: '/openai/v1/files/{id}/content', scope: 'read' },
  { door: 'openai', method: 'DELETE', path: '/openai/v1/files/{id}', scope: 'submit' },
  { door: 'openai', method: 'POST', path: '/openai/v1/batches', scope: 'submit' },
  { door: 'openai', method: 'GET', path: '/openai/v1/batches', scope: 'read' },
  { door: 'openai', method: 'GET', path: '/openai/v1/batches/{id}', scope: 'read' },
  { door: 'openai', method: 'POST', path: '/openai/v1/batches/{id}/cancel', scope: 'cancel' },
  { door: 'openai', method: 'GET', path: '/openai/v1/models', scope: 'read' },
  { door: 'openai', method: 'GET', path: '/openai/v1/models/{model}', scope: 'read' },
  { door: 'bedrock', method: 'POST', path: '/bedrock/model/{model}/converse', scope: 'submit' },
  { door: 'bedrock', method: 'POST', path: '/bedrock/model/{model}/converse-stream', scope: 'submit' },
  { door: 'bedrock', method: 'POST', path: '/bedrock/model/{model}/invoke', scope: 'submit' },
  {
    door: 'bedrock',
    method: 'POST',
    path: '/bedrock/model/{model}/invoke-with-response-stream',
    scope: 'submit',
  },
  { door: 'plain', method: 'POST', path: '/chat', scope: 'submit' },
  { door: 'plain', method: 'POST', path: '/generate', scope: 'submit' },
  { door: 'plain', method: 'POST', path: '/ai/ask', scope: 'submit' },
  { door: 'plain', method: 'GET', path: '/v1/requests/{id}/events', scope: 'read' },
] as const satisfies readonly DoorRoute[];

const PREFIXES = ['/anthropic', '/openai', '/bedrock'] as const;

/** One and the same, by the names that simple services give it. */
export const PLAIN_PATHS = ['/chat', '/generate', '/ai/ask'] as const;

const PROGRESS = /^\/v1\/requests\/[^/]+\/events$/;

/** Whether a path leads to a door whose calls are kept open, known there or not. */
export const isDoorPath = (path: string): boolean =>
  PLAIN_PATHS.some((plain) => plain === path) ||
  PROGRESS.test(path) ||
  PREFIXES.some((prefix) => path === prefix || path.startsWith(`${prefix}/`));

/** How urgent a call is, for clients whose requests have no field for it. */
export const PRIORITY_HEADER = 'x-smoother-priority';
/** Tells clients made by Stainless whether to send a call again; without it they go by the status. */
export const SHOULD_RETRY_HEADER = 'x-should-retry';
/** The same for each attempt of one call of an AWS SDK. */
export const AWS_INVOCATION_HEADER = 'amz-sdk-invocation-id';
