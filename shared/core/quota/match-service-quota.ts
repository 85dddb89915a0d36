import type { QuotaReadingOutcome } from '../../contract/quota-reading.ts';
import type { Quota, QuotaLimitName } from '../../contract/quota-settings.ts';
import { modelNameOf, wordsOf } from './model-name.ts';

/** One quota as Service Quotas lists it. */
export interface ListedQuota {
  readonly code: string;
  readonly name: string;
  readonly value: number;
}

export interface QuotaMatch {
  readonly outcome: Exclude<QuotaReadingOutcome, 'failed'>;
  /** For people: what was found, or why nothing was. */
  readonly detail: string;
  readonly quota?: Quota;
}

type Scope = 'global' | 'geographic' | 'base';

interface Wanted {
  readonly limit: QuotaLimitName;
  /** Names are written in more than one way: compared without regard to case. */
  readonly begins: string;
  /** What the name says after the model; the limit is so many times the value. */
  readonly ends?: { readonly text: string; readonly factor: number };
}

const MINUTE: Readonly<Record<Scope, string>> = {
  global: 'global cross-region model inference',
  geographic: 'cross-region model inference',
  base: 'on-demand model inference',
};

const DAY_DOUBLED = '(doubled for cross-region calls)';

const dayOf = (scope: Scope): Wanted =>
  scope === 'global'
    ? { limit: 'tokens_per_day', begins: 'global cross-region model inference tokens per day for ' }
    : {
        limit: 'tokens_per_day',
        begins: 'model invocation max tokens per day for ',
        ends: { text: DAY_DOUBLED, factor: scope === 'geographic' ? 2 : 1 },
      };

const wantedOf = (scope: Scope): readonly Wanted[] => [
  { limit: 'tokens_per_minute', begins: `${MINUTE[scope]} tokens per minute for ` },
  { limit: 'requests_per_minute', begins: `${MINUTE[scope]} requests per minute for ` },
  dayOf(scope),
];

interface Found {
  readonly limit: QuotaLimitName;
  readonly rows: readonly ListedQuota[];
}

const fitting = (row: ListedQuota, { begins, ends }: Wanted, model: string): ListedQuota | undefined => {
  const name = row.name.trim();
  if (!name.toLowerCase().startsWith(begins)) return undefined;
  const rest = name.slice(begins.length);
  const isMarked = ends !== undefined && rest.toLowerCase().endsWith(ends.text);
  const called = isMarked ? rest.slice(0, -ends.text.length) : rest;
  if (wordsOf(called).join(' ') !== model) return undefined;
  return { ...row, value: row.value * (isMarked ? ends.factor : 1) };
};

const quoted = (rows: readonly ListedQuota[]): string =>
  rows.map(({ name, code, value }) => `"${name}" (${code}) = ${value}`).join(', ');

const judge = (found: readonly Found[], model: string): QuotaMatch => {
  const rows = found.flatMap((each) => each.rows);
  if (found.find(({ limit }) => limit === 'tokens_per_minute')?.rows.length === 0)
    return {
      outcome: 'missing',
      detail: `Service Quotas lists no tokens per minute for "${model}" in this kind of inference.`,
    };
  const several = found.filter((each) => each.rows.length > 1);
  if (several.length > 0)
    return {
      outcome: 'ambiguous',
      detail: `Service Quotas lists more than one quota for "${model}": ${quoted(several.flatMap((each) => each.rows))}.`,
    };
  const zero = rows.filter(({ value }) => !(value >= 1));
  if (zero.length > 0)
    return {
      outcome: 'zero',
      detail: `Service Quotas grants "${model}" nothing, so that Bedrock refuses every call: ${quoted(zero)}.`,
    };
  const quota = Object.fromEntries(
    found.flatMap(({ limit, rows: [row] }) => (row === undefined ? [] : [[limit, Math.floor(row.value)]])),
  );
  return { outcome: 'found', detail: `Found ${quoted(rows)}.`, quota };
};

/** The limits of one model among all that are listed; where the names leave a doubt, none. */
export const matchServiceQuota = (modelId: string, listed: readonly ListedQuota[]): QuotaMatch => {
  const model = modelNameOf(modelId);
  if (model === undefined)
    return {
      outcome: 'missing',
      detail: `The model id ${modelId} does not tell its model, as that of an application inference profile: its quota cannot be looked up by name.`,
    };
  const found = wantedOf(model.scope).map(
    (wanted): Found => ({
      limit: wanted.limit,
      rows: listed.flatMap((row) => fitting(row, wanted, model.words) ?? []),
    }),
  );
  return judge(found, model.words);
};
