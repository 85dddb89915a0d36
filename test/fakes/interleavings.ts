import { settled } from './virtual-clock.ts';

/** Something that an actor is about to do, and that waits to be let through. */
interface Waiting {
  readonly sinceMs: number;
  readonly go: () => void;
}

/** Where actors wait before each effect that others might notice. */
export interface Gates {
  /** Resolves when the explorer lets it through. Whoever waits may know since when. */
  pass(name: string, sinceMs: number): Promise<void>;
  /** What happened so far, as far as it decides what happens next. */
  note(fact: unknown): void;
}

/** One run of everything, from the beginning. */
export interface Run {
  /** Choices that are always there, such as moving the clock: name and deed. */
  readonly moves: Readonly<Record<string, () => Promise<void>>>;
  /** All that decides the future, apart from what was noted. */
  readonly state: () => unknown;
  /** Anything that must never be, at any moment. */
  readonly faults: () => readonly string[];
}

export interface Exploration {
  /** Different states that were seen. */
  readonly states: number;
  /** Runs that came to an end. */
  readonly ends: number;
  /** The first order in which something went wrong. */
  readonly failure: { readonly order: readonly string[]; readonly faults: readonly string[] } | undefined;
}

class Explorer implements Gates {
  readonly waiting = new Map<string, Waiting>();
  readonly facts: string[] = [];

  pass(name: string, sinceMs: number): Promise<void> {
    return new Promise((go) => {
      this.waiting.set(name, { sinceMs, go });
    });
  }

  note(fact: unknown): void {
    this.facts.push(JSON.stringify(fact));
  }

  async choose(name: string, run: Run): Promise<void> {
    const waiting = this.waiting.get(name);
    this.waiting.delete(name);
    if (waiting === undefined) await run.moves[name]?.();
    else waiting.go();
    // Effects are a few promises deep.
    for (let turn = 0; turn < 2; turn += 1) await settled();
  }
}

/**
 * Every order in which the effects of a few actors can follow each other, by replay from the beginning: states that
 * were reached before, in another order, are not looked at twice.
 */
export const exploreOrders = async (
  start: (gates: Gates) => Run,
  { mostStates = 20_000 }: { readonly mostStates?: number } = {},
): Promise<Exploration> => {
  const seen = new Set<string>();
  const open: (readonly string[])[] = [[]];
  let ends = 0;
  for (let order = open.pop(); order !== undefined; order = open.pop()) {
    const explorer = new Explorer();
    const run = start(explorer);
    await settled();
    for (const name of order) await explorer.choose(name, run);
    const faults = run.faults();
    if (faults.length > 0) return { states: seen.size, ends, failure: { order, faults } };
    const waiting = [...explorer.waiting.keys()].toSorted();
    const since = waiting.map((name) => [name, explorer.waiting.get(name)?.sinceMs]);
    const state = JSON.stringify([run.state(), since, explorer.facts.toSorted()]);
    if (seen.has(state)) continue;
    seen.add(state);
    if (seen.size > mostStates) throw new Error(`There are more than ${mostStates} states.`);
    if (waiting.length === 0) ends += 1;
    const next = [...waiting, ...(waiting.length === 0 ? [] : Object.keys(run.moves))];
    for (const name of next.toReversed()) open.push([...order, name]);
  }
  return { states: seen.size, ends, failure: undefined };
};
