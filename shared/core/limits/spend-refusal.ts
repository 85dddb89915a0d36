import type { Spend, SpendLimit } from './spend-limits.ts';

/** More than the limit has room for, even if nothing else were spent. */
export const exceedsAll = ({ most }: Pick<SpendLimit, 'most'>, { microdollars, tokens }: Spend): boolean =>
  microdollars > (most.microdollars ?? Number.POSITIVE_INFINITY) ||
  tokens > (most.tokens ?? Number.POSITIVE_INFINITY);

const dollars = (microdollars: number): string => `$${(microdollars / 1e6).toFixed(6).replace(/\.?0+$/, '')}`;

const partsOf = ({ microdollars, tokens }: Partial<Spend>): string =>
  [
    ...(microdollars === undefined ? [] : [dollars(microdollars)]),
    ...(tokens === undefined ? [] : [`${tokens.toLocaleString('en-US')} tokens`]),
  ].join(' and ');

/** Why a call is not made, for whoever sent the request. */
export const refusalOf = ({ most, period }: SpendLimit, wanted: Spend): string => {
  const asked: Partial<Spend> = {
    ...(most.microdollars === undefined ? {} : { microdollars: wanted.microdollars }),
    ...(most.tokens === undefined ? {} : { tokens: wanted.tokens }),
  };
  return `The call may come to ${partsOf(asked)}, more than is left of the ${partsOf(most)} that the tenant may use in ${period}.`;
};
