import { randomUUID } from 'node:crypto';

/** At most 32 digits. Node makes these in stock, and other random bytes one by one, which costs ten times as much. */
export const randomHex = (digits: number): string => randomUUID().replaceAll('-', '').slice(0, digits);
