import { createSubmitApp } from '../../functions/ingestion/submit-app.ts';
import { createReadApp } from '../../functions/query/read-app.ts';
import { findRoute } from '../../functions/runtime/find-route.ts';
import type { ApiKey, Scope } from '../../shared/contract/api-keys.ts';
import { SCOPE_NAMES } from '../../shared/contract/api-keys.ts';
import { createApiKeyText } from '../../shared/core/identity/api-key-text.ts';
import { acceptDepsOf, createWorld, type World } from '../fakes/world.ts';

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** A world whose doors ask for keys. */
export const createKeyedWorld = (settings: Readonly<Record<string, unknown>> = {}): World =>
  createWorld({ settings: { api_authorization: 'api_key', index_requests: true, ...settings } });

/** Makes a key and answers with its text. */
export const giveKey = async (
  world: World,
  tenant: string,
  scopes: readonly Scope[] = SCOPE_NAMES,
  fields: Partial<ApiKey> = {},
): Promise<string> => {
  const { text, id, hash } = createApiKeyText(world.randomBytes);
  const key = { id, hash, name: '', tenant, scopes, createdAtMs: 0, expiresAtMs: null, ...fields };
  if (!(await world.apiKeys.create(key))) throw new Error('two keys of one id');
  return text;
};

/** Through the door that the route leads to, as API Gateway would. */
export const callWith = async (
  world: World,
  { method, path, body }: Call,
  headers: Readonly<Record<string, string>> = {},
  event?: unknown,
): Promise<Answer> => {
  const deps = acceptDepsOf(world);
  const [bare = ''] = path.split('?');
  const app = findRoute(method, bare)?.function === 'ingestion' ? createSubmitApp(deps) : createReadApp(deps);
  const response = await app.request(
    path,
    {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    },
    event === undefined ? undefined : { event },
  );
  return { status: response.status, headers: response.headers, text: await response.text() };
};

export const bearer = (key: string): Readonly<Record<string, string>> => ({ authorization: `Bearer ${key}` });
