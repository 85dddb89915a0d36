/**
 * When the head does not fit yet, smaller requests may pass it, worth at most its own tokens in all: its wait at
 * most doubles. Without a bound small ones would pass for ever; without passing the quota would stand idle.
 */
export interface Overtaking<T extends object> {
  mayPass(head: T, headTokens: number, tokens: number): boolean;
  passed(head: T, tokens: number): void;
}

const FACTOR = 1;

export const createOvertaking = <T extends object>(): Overtaking<T> => {
  const passedTokens = new WeakMap<T, number>();
  const so = (head: T): number => passedTokens.get(head) ?? 0;
  return {
    mayPass: (head, headTokens, tokens) => so(head) + tokens <= FACTOR * headTokens,
    passed: (head, tokens) => {
      passedTokens.set(head, so(head) + tokens);
    },
  };
};
