import { algorithms } from './quota/dimension.ts';

export interface TimelinePoint {
  /** Counted from the moment at which the timeline is set. */
  readonly afterSeconds: number;
  readonly value: number;
}

/** What a setting must be, or undefined when it is. */
export type Rule = (value: unknown) => string | undefined;

interface Limit {
  readonly min: number;
  readonly max: number;
  readonly whole?: true;
}

export function numberRule({ min, max, whole }: Limit): Rule {
  const kind = whole === undefined ? 'number' : 'whole number';
  return (value) => {
    const fits = typeof value === 'number' && value >= min && value <= max;
    return fits && (whole === undefined || Number.isInteger(value))
      ? undefined
      : `a ${kind} between ${min} and ${max}`;
  };
}

export const algorithmRule: Rule = (value) =>
  algorithms.some((algorithm) => algorithm === value) ? undefined : `one of ${algorithms.join(', ')}`;

export const booleanRule: Rule = (value) => (typeof value === 'boolean' ? undefined : 'true or false');

const maxSeconds = 31_536_000;
const maxPoints = 10_000;
const secondsRule = numberRule({ min: 0, max: maxSeconds });

export function timelineRule(limit: Limit): Rule {
  const valueRule = numberRule(limit);
  const wanted =
    `a list of at most ${maxPoints} {"afterSeconds": 0 to ${maxSeconds}, ascending, ` +
    `"value": ${valueRule(undefined)}}`;
  return (value) => {
    if (!Array.isArray(value) || value.length > maxPoints) return wanted;
    let lastSeconds = -1;
    for (const point of value) {
      if (!isPoint(point) || secondsRule(point.afterSeconds) !== undefined) return wanted;
      if (valueRule(point.value) !== undefined || point.afterSeconds <= lastSeconds) return wanted;
      lastSeconds = point.afterSeconds;
    }
    return undefined;
  };
}

export function eitherRule(first: Rule, second: Rule): Rule {
  return (value) => {
    const [one, other] = [first(value), second(value)];
    return one === undefined || other === undefined ? undefined : `${one}, or ${other}`;
  };
}

function isPoint(value: unknown): value is TimelinePoint {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.keys(value).length === 2 &&
    'afterSeconds' in value &&
    typeof value.afterSeconds === 'number' &&
    'value' in value
  );
}
