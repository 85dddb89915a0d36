import { limit } from '../contract/limits.ts';
import type { Fault } from '../contract/problem.ts';

const pointer = '/idempotency_key';

/** Faults of the key that came in a header, told as if it had come in the body. */
export const headerKeyFaults = (key: string | undefined, inBody: unknown): readonly Fault[] => {
  if (key === undefined) return [];
  const longest = limit('idempotency_key_characters');
  const { length } = [...key];
  const differs = inBody !== undefined && inBody !== key;
  return [
    ...(length < 1 || length > longest
      ? [
          {
            pointer,
            code: 'out_of_range' as const,
            detail:
              length < 1
                ? 'in the header `Idempotency-Key` is empty; send a key, or leave the header out'
                : `in the header \`Idempotency-Key\` must be at most ${longest} characters`,
          },
        ]
      : []),
    ...(differs
      ? [
          {
            pointer,
            code: 'conflicting_fields' as const,
            detail: 'differs from the header `Idempotency-Key`; keep one',
          },
        ]
      : []),
  ];
};
