import { type Part, parseExpression } from './parse-expression.ts';

export interface Search {
  readonly steps: number;
  readonly found: string | undefined;
}

type Continue = (at: number) => boolean;
type Matcher = (at: number, then: Continue) => boolean;

/** Thrown when there are more than anybody wants to count. */
class TooMany extends Error {}

const HOW_FAR_BEHIND = 10;

/** As the expression sees them: code points, or units of UTF-16. */
const charactersOf = ({ unicode }: RegExp, text: string): readonly string[] =>
  unicode ? [...text] : text.split('');

const createMatcher = (expression: RegExp, text: readonly string[], spend: () => void) => {
  const flags = expression.flags.replaceAll(/[gy]/g, '');
  const seen = new Map<string, boolean>();

  const takes = (source: string, character: string): boolean => {
    const key = `${source} ${character}`;
    const known = seen.get(key) ?? new RegExp(`^(?:${source})$`, flags.replace('m', '')).test(character);
    seen.set(key, known);
    return known;
  };

  const holds = (source: string, at: number): boolean => {
    if (source === '^') return at === 0;
    if (source === '$') return at === text.length;
    const isWord = (index: number): boolean => takes('\\w', text[index] ?? '');
    return (isWord(at - 1) !== isWord(at)) === (source === '\\b');
  };

  const looks = (part: Part & { readonly kind: 'look' }): Matcher => {
    const match = toMatcher(part.part);
    const isThere = (at: number): boolean => {
      if (!part.isBehind) return match(at, () => true);
      for (let from = at; from >= Math.max(0, at - HOW_FAR_BEHIND); from--)
        if (match(from, (end) => end === at)) return true;
      return false;
    };
    return (at, then) => isThere(at) !== part.isNegative && then(at);
  };

  const repeats = ({ part, least, most, isLazy }: Part & { readonly kind: 'repeat' }): Matcher => {
    const match = toMatcher(part);
    const from = (count: number, at: number, then: Continue): boolean => {
      // Going round without getting on is no way to go on.
      const more = (): boolean =>
        count < most && match(at, (end) => (end > at || count < least) && from(count + 1, end, then));
      if (count < least) return more();
      return isLazy ? then(at) || more() : more() || then(at);
    };
    return (at, then) => from(0, at, then);
  };

  const toMatcher = (part: Part): Matcher => {
    if (part.kind === 'look') return looks(part);
    if (part.kind === 'repeat') return repeats(part);
    if (part.kind === 'place')
      return (at, then) => {
        spend();
        return holds(part.source, at) && then(at);
      };
    if (part.kind === 'character')
      return (at, then) => {
        spend();
        return at < text.length && takes(part.source, text[at] ?? '') && then(at + 1);
      };
    const matchers = part.parts.map(toMatcher);
    if (part.kind === 'choice') return (at, then) => matchers.some((match) => match(at, then));
    return (at, then) => {
      const next = (index: number, place: number): boolean => {
        const match = matchers[index];
        return match === undefined ? then(place) : match(place, (end) => next(index + 1, end));
      };
      return next(0, at);
    };
  };

  return toMatcher(parseExpression(expression.source));
};

/**
 * How many characters and places an engine that tries one way after the other looks at until it has found the first
 * match, or knows that there is none.
 */
export const countSteps = (expression: RegExp, sent: string, most: number): Search => {
  let steps = 0;
  const text = charactersOf(expression, sent);
  const match = createMatcher(expression, text, () => {
    steps += 1;
    if (steps > most) throw new TooMany();
  });
  try {
    for (let from = 0; from <= text.length; from++) {
      let to = -1;
      const isFound = match(from, (end) => {
        to = end;
        return true;
      });
      if (isFound) return { steps, found: text.slice(from, to).join('') };
    }
    return { steps, found: undefined };
  } catch (error) {
    if (!(error instanceof TooMany)) throw error;
    return { steps: Number.POSITIVE_INFINITY, found: undefined };
  }
};
