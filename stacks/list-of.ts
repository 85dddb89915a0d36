import type { Term } from './alarm-condition.ts';

/** As CloudWatch's functions take several: one that has nothing to tell is left out. */
export const listOf = (terms: Readonly<Record<string, Term>>): string => `[${Object.keys(terms).join(', ')}]`;
