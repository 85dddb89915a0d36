import type { Block } from '../request/converse-request.ts';
import { UnableError } from './unable-error.ts';

/** Zero where it may be, else a number near its bounds; a multiple of the step. */
export function ofNumber(schema: Block, step: number | undefined): number {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  const unit = typeof multipleOf === 'number' ? multipleOf : (step ?? 0);
  const fits = (value: number) =>
    !(typeof minimum === 'number' && value < minimum) &&
    !(typeof maximum === 'number' && value > maximum) &&
    !(typeof exclusiveMinimum === 'number' && value <= exclusiveMinimum) &&
    !(typeof exclusiveMaximum === 'number' && value >= exclusiveMaximum);
  const bounds = [minimum, maximum, exclusiveMinimum, exclusiveMaximum].filter(
    (bound) => typeof bound === 'number',
  );
  const middle = bounds.length === 0 ? 0 : bounds.reduce((sum, bound) => sum + bound, 0) / bounds.length;
  const near = [0, ...bounds, middle].flatMap((value) => roundings(value, unit));
  const value = near.find(fits);
  if (value === undefined) throw new UnableError('no number was found within its bounds');
  return value;
}

function roundings(value: number, unit: number): readonly number[] {
  if (unit === 0) return [value, value + 1, value - 1];
  const below = Math.floor(value / unit);
  return [below * unit, (below + 1) * unit, (below - 1) * unit, (below + 2) * unit];
}
