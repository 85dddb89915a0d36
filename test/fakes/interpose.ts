/** One call of a port. */
export interface Effect {
  readonly port: string;
  readonly method: string;
  readonly args: readonly unknown[];
}

/** Stands between a flow and a port: may look on, refuse, wait, or change the answer. */
export type Around = (effect: Effect, perform: () => Promise<unknown>) => Promise<unknown>;

/** The same port, every method of it behind `around`. */
export const interpose = <P extends object>(name: string, port: P, around: Around): P =>
  new Proxy(port, {
    get: (target, key) => {
      const member: unknown = Reflect.get(target, key);
      if (typeof member !== 'function' || typeof key !== 'string') return member;
      return (...args: readonly unknown[]) =>
        around({ port: name, method: key, args }, async () => Reflect.apply(member, target, args) as unknown);
    },
  });

/** One standing behind the other: the first is nearest to the flow. */
export const chain =
  (...links: readonly Around[]): Around =>
  (effect, perform) =>
    links.reduceRight<() => Promise<unknown>>((inner, link) => () => link(effect, inner), perform)();

export const nameOf = ({ port, method }: Effect): string => `${port}.${method}`;

/** Writes down the names of all calls, in the order in which they were made. */
export const recordInto =
  (names: string[]): Around =>
  (effect, perform) => {
    names.push(nameOf(effect));
    return perform();
  };

/** Calls that `fails` picks end in an error; before anything was done, or `after` it was. */
export const failing =
  (fails: (effect: Effect) => boolean, moment: 'before' | 'after' = 'before'): Around =>
  async (effect, perform) => {
    if (!fails(effect)) return perform();
    if (moment === 'after') await perform();
    throw new Error(`injected into ${nameOf(effect)}`);
  };

/** The first `count` calls of one method. */
export const firstCalls = (name: string, count: number): ((effect: Effect) => boolean) => {
  let seen = 0;
  return (effect) => {
    if (nameOf(effect) !== name) return false;
    seen += 1;
    return seen <= count;
  };
};
