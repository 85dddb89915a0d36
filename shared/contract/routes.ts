import type { Scope } from './api-keys.ts';
import type { FunctionName } from './functions.ts';

/** What a caller must be allowed to do, or that nobody has to be known. */
export type RouteScope = Scope | 'public';

export interface Route {
  readonly method: 'GET' | 'POST';
  /** As API Gateway writes it: parameters in braces. */
  readonly path: string;
  readonly function: FunctionName;
  readonly summary: string;
  readonly scope: RouteScope;
  /** What a call needs that has a parameter, in place of `scope`. */
  readonly scopeWith?: Readonly<Record<string, Scope>>;
  /** Of its query; without them any is refused. */
  readonly parameters?: readonly string[];
}

export const LIST_PARAMETERS = ['status', 'custom_id', 'needs_attention', 'limit', 'cursor'] as const;
export const READ_PARAMETERS = ['wait'] as const;
/** With a body of lines. */
export const LINES_PARAMETERS = ['custom_id', 'model', 'priority', 'deadline', 'expires_in_seconds'] as const;
export const BATCHES_PARAMETERS = ['limit', 'cursor'] as const;
export const RESULTS_PARAMETERS = ['from', 'limit', 'status'] as const;
export const CHANGES_PARAMETERS = ['limit', 'before'] as const;
export const DEAD_LETTERS_PARAMETERS = [
  'reason',
  'model',
  'tenant',
  'older_than_seconds',
  'younger_than_seconds',
  'limit',
  'cursor',
] as const;
export const DELIVERIES_PARAMETERS = ['status', 'request_id', 'limit', 'cursor'] as const;
export const REDRIVES_PARAMETERS = ['limit', 'before'] as const;
export const HEALTH_PARAMETERS = ['deep'] as const;
/** May be given more than once: each adds to a list. All others are given once. */
export const LISTED_PARAMETERS = ['status'] as const;

export const ROUTES = [
  {
    method: 'POST',
    path: '/v1/requests',
    function: 'ingestion',
    summary: 'Submit a request',
    scope: 'submit',
  },
  {
    method: 'POST',
    path: '/v1/requests/estimate',
    function: 'query',
    summary: 'What requests would cost and how long they would take',
    scope: 'submit',
  },
  {
    method: 'GET',
    path: '/v1/requests',
    function: 'query',
    summary: 'List requests',
    scope: 'read',
    parameters: LIST_PARAMETERS,
  },
  {
    method: 'GET',
    path: '/v1/requests/{id}',
    function: 'query',
    summary: 'Read a request and, once it ended, its result',
    scope: 'read',
    parameters: READ_PARAMETERS,
  },
  {
    method: 'POST',
    path: '/v1/requests/{id}/cancel',
    function: 'ingestion',
    summary: 'Cancel a request',
    scope: 'cancel',
  },
  {
    method: 'GET',
    path: '/v1/quota',
    function: 'query',
    summary: 'The quota of every pool, and who uses it',
    scope: 'read',
  },
  {
    method: 'GET',
    path: '/v1/controls',
    function: 'query',
    summary: 'What operators have set',
    scope: 'admin',
  },
  {
    method: 'POST',
    path: '/v1/controls',
    function: 'ingestion',
    summary: 'Pause, resume, change a limit or a share',
    scope: 'admin',
  },
  {
    method: 'GET',
    path: '/v1/controls/changes',
    function: 'query',
    summary: 'Who changed what operators have set, when and why',
    scope: 'admin',
    parameters: CHANGES_PARAMETERS,
  },
  {
    method: 'GET',
    path: '/v1/dead-letters',
    function: 'query',
    summary: 'List requests that failed and can be sent again',
    scope: 'admin',
    parameters: DEAD_LETTERS_PARAMETERS,
  },
  {
    method: 'GET',
    path: '/v1/dead-letters/{id}',
    function: 'query',
    summary: 'Read a dead letter and its history',
    scope: 'admin',
  },
  {
    method: 'POST',
    path: '/v1/dead-letters/redrive',
    function: 'ingestion',
    summary: 'Send dead letters again',
    scope: 'admin',
  },
  {
    method: 'GET',
    path: '/v1/redrives',
    function: 'query',
    summary: 'Who sent dead letters again, when and why',
    scope: 'admin',
    parameters: REDRIVES_PARAMETERS,
  },
  {
    method: 'POST',
    path: '/v1/batches',
    function: 'ingestion',
    summary: 'Submit a batch',
    scope: 'submit',
    parameters: LINES_PARAMETERS,
  },
  {
    method: 'POST',
    path: '/v1/batches/{id}/start',
    function: 'ingestion',
    summary: 'Begin with a batch that was uploaded',
    scope: 'submit',
  },
  {
    method: 'POST',
    path: '/v1/batches/{id}/cancel',
    function: 'ingestion',
    summary: 'Cancel a batch',
    scope: 'cancel',
  },
  {
    method: 'GET',
    path: '/v1/batches',
    function: 'query',
    summary: 'List batches',
    scope: 'read',
    parameters: BATCHES_PARAMETERS,
  },
  {
    method: 'GET',
    path: '/v1/batches/{id}',
    function: 'query',
    summary: 'Read a batch and its counts',
    scope: 'read',
  },
  {
    method: 'GET',
    path: '/v1/batches/{id}/results',
    function: 'query',
    summary: 'Read the results of a batch, one a line, while it runs and after',
    scope: 'read',
    parameters: RESULTS_PARAMETERS,
  },
  {
    method: 'GET',
    path: '/v1/webhooks/deliveries',
    function: 'query',
    summary: 'How the webhooks of your requests and batches went',
    scope: 'read',
    parameters: DELIVERIES_PARAMETERS,
  },
  {
    method: 'POST',
    path: '/v1/webhooks/deliveries/{id}/replay',
    function: 'ingestion',
    summary: 'Send a webhook again',
    scope: 'submit',
  },
  {
    method: 'POST',
    path: '/v1/webhooks/secret',
    function: 'ingestion',
    summary: 'What your webhooks are signed with',
    scope: 'submit',
  },
  {
    method: 'POST',
    path: '/v1/webhooks/secret/rotate',
    function: 'ingestion',
    summary: 'Sign webhooks with another secret',
    scope: 'submit',
  },
  {
    method: 'GET',
    path: '/health',
    function: 'query',
    summary: 'Whether the API answers',
    scope: 'public',
    scopeWith: { deep: 'read' },
    parameters: HEALTH_PARAMETERS,
  },
  {
    method: 'GET',
    path: '/openapi.json',
    function: 'query',
    summary: 'This API, described',
    scope: 'public',
  },
] as const satisfies readonly Route[];
