import { randomUUID } from 'node:crypto';
import { type Figures, meanFigures, missedGates, SCENARIOS } from '../../cli/simulate/scenarios.ts';

/** New ones each time; name one to repeat a run. */
const SEED = process.env.SIMULATION_SEED ?? randomUUID().slice(0, 8);
/** A bound is on the mean of many runs: a miss of the first few is looked at again with more before it counts. */
const FEW = 2;
const MANY = 8;
const SCALE = 0.5;

describe('what the governor and the scheduler must reach, by counts of the service', () => {
  it.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))(
    '%s',
    (_, scenario) => {
      const runs: Figures[] = [];
      const runUntil = (count: number): Figures => {
        while (runs.length < count) runs.push(scenario.run(`${SEED}-${runs.length}`, SCALE));
        return meanFigures(runs);
      };
      const figures = missedGates(scenario, runUntil(FEW)).length === 0 ? runUntil(FEW) : runUntil(MANY);

      expect({ seed: SEED, missed: missedGates(scenario, figures) }).toEqual({ seed: SEED, missed: [] });
    },
    120_000,
  );
});
