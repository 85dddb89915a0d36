import type { Pool } from '../contract/pools.ts';
import type { Usage } from '../contract/request.ts';

const MILLION = 1_000_000;
const NANO = 1_000_000_000;

/** Sums of binary fractions drift by a hair: they are told to the nano-dollar, as their parts are. */
export const toNanoDollars = (dollars: number): number => Math.round(dollars * NANO) / NANO;

/** US dollars, to the nano-dollar; null without prices, or when a priced kind of token has none. */
export const costOf = (usage: Usage, prices: Pool['prices']): number | null => {
  if (prices === undefined) return null;
  const parts: readonly (readonly [number, number | undefined])[] = [
    [usage.input_tokens, prices.input],
    [usage.output_tokens, prices.output],
    [usage.cache_read_tokens, prices.cache_read],
    [usage.cache_write_tokens, prices.cache_write],
  ];
  let total = 0;
  for (const [tokens, price] of parts) {
    if (tokens === 0) continue;
    if (price === undefined) return null;
    total += (tokens * price) / MILLION;
  }
  return toNanoDollars(total);
};
