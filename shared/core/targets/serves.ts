import type { Routing } from './routing.ts';
import type { Target } from './targets-of.ts';

interface RoutedCall {
  readonly maxTokens: number;
  readonly routing?: Routing;
}

/** Whether a target can answer a request at all, now or later. */
export const serves = (target: Target, { maxTokens, routing }: RoutedCall): boolean =>
  (target.isOwn || maxTokens <= target.maxMaxTokens) &&
  (routing === undefined ||
    (!routing.ruledOut.has(target.name) && !routing.needs.some((need) => target.lacks.includes(need))));
