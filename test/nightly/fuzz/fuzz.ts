import { casesOf, DOOR_NAMES, fuzzByName } from '../../security/fuzz/fuzz-doors.ts';
import type { Part } from '../part.ts';

export interface FuzzOptions {
  readonly cases: number;
  readonly units: number;
  /** Of the first unit; each has its own. */
  readonly seed: number;
}

/** Every unit sends its part of all cases, under a seed of its own, through every door. */
export const createFuzz = ({ cases, units, seed: firstSeed }: FuzzOptions): Part => {
  const seeds = Array.from({ length: units }, (_, index) => firstSeed + index);
  return {
    units: seeds.map((seed) => `seed ${seed}`),
    mostMinutesEach: 10,
    run: async (unit, { show }) => {
      const fuzz = { seed: Number(unit.slice('seed '.length)), cases: Math.ceil(cases / units) };
      const faults: string[] = [];
      for (const [index, name] of DOOR_NAMES.entries()) {
        show(index / DOOR_NAMES.length, `at the door ${name}`);
        const fault = await fuzzByName(name, fuzz);
        if (fault !== undefined) faults.push(`${name}: ${fault}`);
      }
      const sent = DOOR_NAMES.map((name) => [name, casesOf(name, fuzz.cases)] as const);
      const all = sent.reduce((sum, [, count]) => sum + count, 0);
      return { unit, figures: { cases: all, ...Object.fromEntries(sent) }, faults };
    },
  };
};
