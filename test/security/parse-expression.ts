/** A part of a regular expression, as far as counting the steps of a search needs it. */
export type Part =
  /** Takes one character that `source` takes. */
  | { readonly kind: 'character'; readonly source: string }
  /** Takes nothing, and holds at a place or does not. */
  | { readonly kind: 'place'; readonly source: string }
  | { readonly kind: 'sequence'; readonly parts: readonly Part[] }
  | { readonly kind: 'choice'; readonly parts: readonly Part[] }
  | { readonly kind: 'look'; readonly part: Part; readonly isBehind: boolean; readonly isNegative: boolean }
  | {
      readonly kind: 'repeat';
      readonly part: Part;
      readonly least: number;
      readonly most: number;
      readonly isLazy: boolean;
    };

const ESCAPE = /^\\(?:u\{[0-9a-f]+\}|u[0-9a-f]{4}|x[0-9a-f]{2}|[pP]\{[^}]+\}|.)/is;
const CLASS = /^\[(?:\\.|[^\]\\])*\]/s;
const QUANTIFIER = /^(?:[*+?]|\{\d+(?:,\d*)?\})\??/;
const GROUP = /^\((?:\?(?::|=|!|<=|<!|<\w+>))?/;

const boundsOf = (quantifier: string): readonly [least: number, most: number] => {
  if (quantifier === '*') return [0, Number.POSITIVE_INFINITY];
  if (quantifier === '+') return [1, Number.POSITIVE_INFINITY];
  if (quantifier === '?') return [0, 1];
  const [least = '', most] = quantifier.slice(1, -1).split(',');
  return [
    Number(least),
    most === undefined ? Number(least) : most === '' ? Number.POSITIVE_INFINITY : Number(most),
  ];
};

/** Knows what the source uses. What it does not know it refuses, so that nothing is counted wrongly. */
export const parseExpression = (source: string): Part => {
  let rest = source;

  const take = (expression: RegExp): string | undefined => {
    const [found] = expression.exec(rest) ?? [];
    if (found !== undefined) rest = rest.slice(found.length);
    return found;
  };

  const group = (opening: string): Part => {
    const part = choice();
    if (take(/^\)/) === undefined) throw new Error(`${source} does not close a group`);
    const isBehind = opening.startsWith('(?<=') || opening.startsWith('(?<!');
    const isLook = isBehind || opening === '(?=' || opening === '(?!';
    return isLook ? { kind: 'look', part, isBehind, isNegative: opening.endsWith('!') } : part;
  };

  const atom = (): Part => {
    const opening = take(GROUP);
    if (opening !== undefined) return group(opening);
    const place = take(/^(?:\^|\$|\\b|\\B)/);
    if (place !== undefined) return { kind: 'place', source: place };
    if (/^\\(?:[1-9]|k<)/.test(rest)) throw new Error(`${source} refers to a group`);
    const one = take(ESCAPE) ?? take(CLASS) ?? take(/^[^)|]/u);
    if (one === undefined) throw new Error(`${source} is not understood at ${rest}`);
    return { kind: 'character', source: one };
  };

  const repeated = (): Part => {
    const part = atom();
    const quantifier = take(QUANTIFIER);
    if (quantifier === undefined) return part;
    const isLazy = quantifier.length > 1 && quantifier.endsWith('?');
    const [least, most] = boundsOf(isLazy ? quantifier.slice(0, -1) : quantifier);
    return { kind: 'repeat', part, least, most, isLazy };
  };

  const sequence = (): Part => {
    const parts: Part[] = [];
    while (rest !== '' && !rest.startsWith('|') && !rest.startsWith(')')) parts.push(repeated());
    return { kind: 'sequence', parts };
  };

  const choice = (): Part => {
    const parts = [sequence()];
    while (take(/^\|/) !== undefined) parts.push(sequence());
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: 'choice', parts };
  };

  const whole = choice();
  if (rest !== '') throw new Error(`${source} is not understood at ${rest}`);
  return whole;
};
