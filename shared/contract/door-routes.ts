import type { RouteScope } from './routes.ts';

/** The doors that speak as others do: clients made for those need another address and nothing else. */
export const DOORS = {
  anthropic: { prefix: '/anthropic', speaks: 'the Anthropic API' },
  openai: { prefix: '/openai/v1', speaks: 'the OpenAI API' },
  bedrock: { prefix: '/bedrock', speaks: 'the Bedrock runtime' },
} as const satisfies Record<string, { readonly prefix: string; readonly speaks: string }>;

export type DoorName = keyof typeof DOORS;

export interface DoorRoute {
  readonly door: DoorName;
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
] as const satisfies readonly DoorRoute[];

const PREFIXES = ['/anthropic', '/openai', '/bedrock'] as const;

/** Whether a path leads to a door of another dialect, known there or not. */
export const isDoorPath = (path: string): boolean =>
  PREFIXES.some((prefix) => path === prefix || path.startsWith(`${prefix}/`));

/** How urgent a call is, for clients whose requests have no field for it. */
export const PRIORITY_HEADER = 'x-smoother-priority';
/** Tells clients made by Stainless whether to send a call again; without it they go by the status. */
export const SHOULD_RETRY_HEADER = 'x-should-retry';
/** The same for each attempt of one call of an AWS SDK. */
export const AWS_INVOCATION_HEADER = 'amz-sdk-invocation-id';
