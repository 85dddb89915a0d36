import { renderTable } from '../../cli/simulate/render-report.ts';
import type { UnitReport } from './part.ts';

export type Cell = string | number;

/** A column for each figure that any unit has. */
export const renderUnits = (reports: readonly UnitReport[]): string => {
  const names = [...new Set(reports.flatMap(({ figures }) => Object.keys(figures)))];
  return renderTable([
    ['unit', ...names.map((name) => name.replaceAll('_', ' ')), 'faults'],
    ...reports.map(({ unit, figures, faults }) => [
      unit,
      ...names.map((name) => figures[name] ?? ''),
      faults.length,
    ]),
  ]);
};
