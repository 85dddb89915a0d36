import { isDeepStrictEqual } from 'node:util';
import type { Result } from '../../../shared/contract/request.ts';
import type { Evidence, LedgerItem, Rule, StoredLine } from '../evidence.ts';
import { viewsOf } from '../request-views.ts';

/** `results/POOL/…/SEGMENT.jsonl`, or `SEGMENT-req_….jsonl` for one that has an object of its own. */
const segmentOf = ({ key }: StoredLine): string => /([^/]+?)(-req_[^/]+)?\.jsonl$/.exec(key)?.[1] ?? key;

const countBy = (values: readonly string[]): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
};

const TOKENS = ['input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_write_tokens'] as const;

const usageOf = (lines: readonly StoredLine[]) =>
  Object.fromEntries(
    TOKENS.map((name) => [name, lines.reduce((sum, { result }) => sum + (result.usage?.[name] ?? 0), 0)]),
  );

const costOf = (lines: readonly StoredLine[]): number =>
  lines.reduce((sum, { result }) => sum + (result.cost_usd ?? 0), 0);

/** Sums of dollars are compared to the nano-dollar for each line. */
const isCost = (item: LedgerItem, lines: readonly StoredLine[]): boolean =>
  Math.abs((item.cost_usd ?? 0) - costOf(lines)) <= 1e-9 * (lines.length + 1);

const segmentsOf = (evidence: Evidence): ReadonlyMap<string, readonly StoredLine[]> => {
  const segments = new Map<string, StoredLine[]>();
  for (const line of evidence.stored) {
    const segment = segmentOf(line);
    const lines = segments.get(segment) ?? [];
    segments.set(segment, lines);
    lines.push(line);
  }
  return segments;
};

const winnersOf = (evidence: Evidence): ReadonlySet<StoredLine> =>
  new Set(
    viewsOf(evidence).flatMap(({ result, lines }) => {
      const winner = lines.find((line) => isDeepStrictEqual(line.result, result));
      return winner === undefined ? [] : [winner];
    }),
  );

const statusOf = ({ result }: { readonly result: Result }): string => result.status;

const faultsOfItem = (
  item: LedgerItem,
  lines: readonly StoredLine[],
  winners: ReadonlySet<StoredLine>,
): string[] => {
  const won = lines.filter((line) => winners.has(line));
  const lost = lines.filter((line) => !winners.has(line) && line.result.usage !== null);
  const { requests, outcomes, lost_attempts } = item;
  const expected = { requests: won.length, outcomes: countBy(won.map(statusOf)), lost_attempts: lost.length };
  const told = { requests, outcomes, lost_attempts };
  const tokens = Object.fromEntries(TOKENS.map((name) => [name, item[name]]));
  return [
    ...(isDeepStrictEqual(told, expected)
      ? []
      : [`tells ${JSON.stringify(told)}, but its results are ${JSON.stringify(expected)}`]),
    ...(isDeepStrictEqual(tokens, usageOf(lines))
      ? []
      : [`tells ${JSON.stringify(tokens)}, but its results used ${JSON.stringify(usageOf(lines))}`]),
    ...(isCost(item, lines) ? [] : [`tells $${item.cost_usd}, but its results cost $${costOf(lines)}`]),
  ];
};

/** Each entry is the sum of its segment's results, lost ones included, and each segment that counts has one. */
export const ledgerIsSumOfResults: Rule = (evidence) => {
  const segments = segmentsOf(evidence);
  const winners = winnersOf(evidence);
  const items = new Map(evidence.ledger.map((item) => [item.segment, item]));
  const missing = [...segments].flatMap(([segment, lines]) =>
    items.has(segment) || !lines.some((line) => winners.has(line))
      ? []
      : [`segment ${segment} with ${lines.length} results has no entry`],
  );
  const wrong = evidence.ledger.flatMap((item) =>
    faultsOfItem(item, segments.get(item.segment) ?? [], winners).map(
      (fault) => `the entry of segment ${item.segment} ${fault}`,
    ),
  );
  return [...missing, ...wrong].map((detail) => ({ rule: 'ledger_is_sum_of_results', detail }));
};

/** Every request is counted once, under the status that it has. */
export const countsSum: Rule = (evidence) => {
  const ends = countBy(
    viewsOf(evidence).flatMap(({ result }) => (result === undefined ? [] : [result.status])),
  );
  const counted: Record<string, number> = {};
  for (const { outcomes } of evidence.ledger)
    for (const [status, count] of Object.entries(outcomes)) counted[status] = (counted[status] ?? 0) + count;
  return isDeepStrictEqual(ends, counted)
    ? []
    : [
        {
          rule: 'counts_sum',
          detail: `requests ended as ${JSON.stringify(ends)}, the ledger counts ${JSON.stringify(counted)}`,
        },
      ];
};
