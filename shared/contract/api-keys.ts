/** What a caller may do, and a key may be good for. */
export const SCOPES = {
  submit: 'submit and estimate requests, create and start batches',
  read: 'read requests, batches, results, lists and the quota',
  cancel: 'cancel requests and batches',
  admin: 'see and change the controls of operators',
} as const;

export type Scope = keyof typeof SCOPES;
export const SCOPE_NAMES = Object.keys(SCOPES) as readonly Scope[];

/** What a key is good for unless it is said. */
export const DEFAULT_SCOPES: readonly Scope[] = ['submit', 'read', 'cancel'];

export const API_KEY_PREFIX = 'smk';
export const API_KEY_ID_CHARACTERS = 12;
/** 256 bits of chance, in digits of five. */
export const API_KEY_SECRET_CHARACTERS = 52;
export const API_KEY_CHECK_CHARACTERS = 7;

/** Where a key stands in any text, for scanners that look for leaked ones. */
export const API_KEY_PATTERN =
  /smk_[0-9a-hjkmnp-tv-z]{12}_[0-9a-hjkmnp-tv-z]{52}_[0-9a-hjkmnp-tv-z]{7}(?![0-9A-Za-z_])/;

export const API_KEY_ID_PATTERN = /^[0-9a-hjkmnp-tv-z]{12}$/;

/** So long a process goes by what it has read of a key: so long a key that was revoked may still work. */
export const API_KEY_FRESH_MS = 5_000;

export const API_KEY_HEADER = 'x-api-key';

const DAY_MS = 86_400_000;
export const API_KEY_EXPIRY_MS = { usual: 90 * DAY_MS, most: 3650 * DAY_MS } as const;
/** How long a key that is replaced goes on working. */
export const API_KEY_GRACE_MS = { usual: DAY_MS, most: 90 * DAY_MS } as const;
export const API_KEY_NAME_CHARACTERS = 100;

/** All that is stored of a key: nobody can make the key of it. */
export interface ApiKey {
  readonly id: string;
  /** What it is for, in words. */
  readonly name: string;
  readonly tenant: string;
  readonly scopes: readonly Scope[];
  /**
   * SHA-256 of the key, hexadecimal. Slow hashes are for passwords, which can be guessed; nobody can try 2^256 secrets,
   * however fast a try is.
   */
  readonly hash: string;
  readonly createdAtMs: number;
  /** Null: never. */
  readonly expiresAtMs: number | null;
  /** Once set it stays. */
  readonly revokedAtMs?: number;
  /** The key that was made in place of it. */
  readonly replacedBy?: string;
}
