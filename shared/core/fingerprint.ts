import { createHash } from 'node:crypto';
import { canonical } from './canonical.ts';

/**
 * Hash of a body as it was sent, before defaults: order of keys and white space do not matter, all else does.
 * The key itself is left out, since it may come as a header one time and as a field the next.
 */
export const fingerprintOf = (body: Readonly<Record<string, unknown>>): string => {
  const { idempotency_key: _, ...rest } = body;
  return createHash('sha256')
    .update(JSON.stringify(canonical(rest)))
    .digest('base64url')
    .slice(0, 22);
};
