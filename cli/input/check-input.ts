import type { Fault } from '../../shared/contract/problem.ts';
import type { Json } from '../../shared/core/answers/json-members.ts';
import { validateMember } from '../../shared/core/batch-check.ts';
import type { ValidationContext } from '../../shared/core/envelope-rules.ts';
import type { InputItem } from './input-item.ts';

/** What a run says for all requests that say nothing themselves. */
export interface RequestDefaults {
  readonly model?: string;
  readonly priority?: string;
  readonly system?: string;
  readonly maxTokens?: number;
  readonly temperature?: number;
}

export interface LineFault {
  readonly line: number;
  readonly pointer: string;
  readonly detail: string;
}

/** A request that may be sent, and the line that it came from. */
export interface CheckedItem {
  readonly item: InputItem;
  readonly envelope: Json;
}

export type CheckedInput =
  | { readonly ok: true; readonly requests: readonly CheckedItem[] }
  | { readonly ok: false; readonly faults: readonly LineFault[] };

const isShortForm = (envelope: Json): boolean => 'prompt' in envelope || 'messages' in envelope;

const shortFormDefaults = ({ system, maxTokens, temperature }: RequestDefaults): Json => ({
  ...(system === undefined ? {} : { system }),
  ...(maxTokens === undefined ? {} : { max_tokens: maxTokens }),
  ...(temperature === undefined ? {} : { temperature }),
});

/** What is left out of a request is filled in where its form has a place for it. */
export const withDefaults = (envelope: Json, defaults: RequestDefaults): Json => ({
  ...(defaults.model === undefined ? {} : { model: defaults.model }),
  ...(defaults.priority === undefined ? {} : { priority: defaults.priority }),
  ...(isShortForm(envelope) ? shortFormDefaults(defaults) : {}),
  ...envelope,
});

const toLineFault =
  (line: number) =>
  ({ pointer, detail }: Pick<Fault, 'pointer' | 'detail'>): LineFault => ({ line, pointer, detail });

/** Two requests of the same id could not be told apart afterwards. */
const createDuplicates = (): ((id: unknown, line: number) => readonly LineFault[]) => {
  const lines = new Map<unknown, number>();
  return (id, line) => {
    const first = lines.get(id);
    if (first === undefined) lines.set(id, line);
    return first === undefined
      ? []
      : [{ line, pointer: '/custom_id', detail: `\`${String(id)}\` is also that of line ${first}` }];
  };
};

const checkEach = (
  items: readonly InputItem[],
  defaults: RequestDefaults,
  faultsOf: (envelope: Json) => readonly Pick<Fault, 'pointer' | 'detail'>[],
): CheckedInput => {
  const duplicates = createDuplicates();
  const requests: CheckedItem[] = [];
  const faults: LineFault[] = [];
  for (const item of items) {
    const { line, converted } = item;
    if (!converted.ok) {
      faults.push(...converted.faults.map(toLineFault(line)));
      continue;
    }
    const envelope = withDefaults(converted.envelope, defaults);
    faults.push(...faultsOf(envelope).map(toLineFault(line)), ...duplicates(envelope.custom_id, line));
    requests.push({ item, envelope });
  }
  return faults.length === 0 ? { ok: true, requests } : { ok: false, faults };
};

/** Everything that is wrong with an input, line by line, as the door would find it. */
export const checkInput = (
  items: readonly InputItem[],
  defaults: RequestDefaults,
  context: ValidationContext,
): CheckedInput =>
  checkEach(items, defaults, (envelope) => {
    const validation = validateMember(envelope, {}, context);
    return validation.ok ? [] : validation.faults;
  });

/** Only what cannot be read or told apart: the rest is for an API whose settings are not known here. */
export const checkReadable = (items: readonly InputItem[], defaults: RequestDefaults): CheckedInput =>
  checkEach(items, defaults, () => []);

/** Consecutive numbers as ranges, such as `3-7, 9`. */
const toRanges = (lines: readonly number[]): string => {
  const ranges: [number, number][] = [];
  for (const line of lines) {
    const last = ranges.at(-1);
    if (last !== undefined && line <= last[1] + 1) last[1] = line;
    else ranges.push([line, line]);
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(', ');
};

/** Nobody reads on; what is mended shows the next ones. */
const MOST_TOLD = 50;

/** Each fault with the lines that have it: a thousand lines with one fault are one sentence. */
export const renderFaults = (faults: readonly LineFault[]): string => {
  const groups = new Map<string, number[]>();
  for (const { line, pointer, detail } of faults) {
    const text = pointer === '' ? detail : `${pointer}: ${detail}`;
    const lines = groups.get(text);
    if (lines === undefined) groups.set(text, [line]);
    else lines.push(line);
  }
  const told = [...groups]
    .slice(0, MOST_TOLD)
    .map(([text, lines]) => `  line ${toRanges(lines)}${text.startsWith('/') ? ' ' : ': '}${text}`);
  const left = groups.size - told.length;
  return [...told, ...(left > 0 ? [`  and ${left} more of other kinds`] : [])].join('\n');
};
