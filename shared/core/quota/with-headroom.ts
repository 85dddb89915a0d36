import {
  type Headroom,
  QUOTA_LIMIT_NAMES,
  type Quota,
  type QuotaLimitName,
} from '../../contract/quota-settings.ts';

/** Counted in tokens of input and output, or of input alone: what others use of one of these is given in. */
const OF_OTHERS: readonly QuotaLimitName[] = ['tokens_per_minute', 'input_tokens_per_minute'];

const leave = (name: QuotaLimitName, granted: number, headroom: Headroom): number => {
  if (typeof headroom === 'number') return granted * (1 - headroom);
  return OF_OTHERS.includes(name) ? granted - headroom.tokens_per_minute : granted;
};

/** What is left of a quota when others of the account have had their part; never nothing. */
export const withHeadroom = (quota: Quota, headroom: Headroom): Quota =>
  Object.fromEntries(
    QUOTA_LIMIT_NAMES.flatMap((name) => {
      const granted = quota[name];
      return granted === undefined
        ? []
        : [[name, Math.max(1, Math.floor(leave(name, granted, headroom) + 1e-9))]];
    }),
  );
