import { PRIORITIES, type Priority } from '../../contract/priorities.ts';
import { GUARANTEED } from './guaranteed-shares.ts';

/** What waits in each class, in requests or in tokens. */
export type Amounts = Readonly<Record<Priority, number>>;

/** For the sums of fractions. */
const HAIR = 1e-6;

const sharesOf = (waiting: readonly Priority[]): ReadonlyMap<Priority, number> => {
  const [first, ...below] = waiting;
  const guaranteed = below.map((priority) => [priority, GUARANTEED[priority]] as const);
  const rest = 1 - guaranteed.reduce((sum, [, share]) => sum + share, 0);
  return new Map(first === undefined ? guaranteed : [[first, rest], ...guaranteed]);
};

/** What will have been served of all classes when the last of this one is: strict, but for the guaranteed shares. */
export const servedUntilDone = (amounts: Amounts, priority: Priority): number => {
  let left: Record<Priority, number> = { ...amounts };
  let served = 0;
  for (;;) {
    const waiting = PRIORITIES.filter((name) => left[name] > 0);
    const shares = sharesOf(waiting);
    if (!waiting.includes(priority)) return served;
    const step = Math.min(...waiting.map((name) => left[name] / (shares.get(name) ?? 1)));
    served += step;
    const before = left;
    const remains = (name: Priority): number => {
      const rest = before[name] - step * (shares.get(name) ?? 0);
      return rest > HAIR ? rest : 0;
    };
    left = { high: remains('high'), normal: remains('normal'), low: remains('low') };
  }
};
