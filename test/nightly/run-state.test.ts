import type { UnitReport } from './part.ts';
import { exitCodeOf, leftOf, nextUnit } from './run-state.ts';

const UNITS = ['seed 1', 'seed 2', 'seed 3'];
const report = (unit: string, faults: readonly string[] = []): UnitReport => ({ unit, figures: {}, faults });

describe('a long run in parts', () => {
  it('goes on with what was not done yet', () => {
    expect(leftOf(UNITS, { reports: [report('seed 1')] })).toEqual(['seed 2', 'seed 3']);
  });

  it('begins the next unit only if it will end in time', () => {
    const time = { mostMinutes: 45, mostMinutesEach: 15 };
    expect(nextUnit(['seed 2'], { ...time, spentMinutes: 30 })).toBe('seed 2');
    expect(nextUnit(['seed 2'], { ...time, spentMinutes: 30.1 })).toBeUndefined();
    expect(nextUnit([], { ...time, spentMinutes: 1 })).toBeUndefined();
  });

  it.each([
    [0, UNITS.map((unit) => report(unit))],
    [3, [report('seed 1')]],
    [1, [report('seed 1', ['something was lost'])]],
    [1, [report('seed 1', ['something was lost']), report('seed 2'), report('seed 3')]],
  ])('ends with code %d', (code, reports) => {
    expect(exitCodeOf(UNITS, { reports })).toBe(code);
  });
});
