import type { ApiKey } from '../contract/api-keys.ts';

export interface ApiKeyReader {
  /** As it was a moment ago at the latest: a change may take a second to be seen. */
  read(id: string): Promise<ApiKey | undefined>;
}

/** API keys, without their secrets. */
export interface ApiKeyStore extends ApiKeyReader {
  /** All of them, by id; those that ended as well. */
  list(): Promise<readonly ApiKey[]>;
  /** False when there is one of this id already. */
  create(key: ApiKey): Promise<boolean>;
  /** False when there is none. A key that was revoked stays so. */
  end(id: string, change: ApiKeyEnd): Promise<boolean>;
}

export type ApiKeyEnd =
  | { readonly kind: 'revoked'; readonly atMs: number }
  | { readonly kind: 'replaced'; readonly expiresAtMs: number; readonly by: string };
