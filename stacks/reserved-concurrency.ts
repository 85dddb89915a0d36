import { type FunctionName, mappingsOf } from '../shared/contract/functions.ts';
import type { Settings } from '../shared/contract/settings.ts';

export type Reserved = Readonly<Partial<Record<FunctionName | 'reader', number>>>;

/** So many reads at once, and no more, so that they leave the account's other places to submitters. */
const READS_AT_ONCE = 50;

/** Each may stream for minutes. What is left of the limit that docs/deploy.md names, with as many pools as fit into settings. */
const STREAMS_AT_ONCE = 14;

/** Lambda's own: so much of an account's limit can be reserved by nobody. */
const NEVER_RESERVED = 100;

type Reserving = Pick<Settings, 'reserve_concurrency' | 'models' | 'function_url'>;

/** A mapping never needs more than is reserved. */
const drainsAtOnce = ({ models }: Reserving): number =>
  mappingsOf(Object.keys(models).length)
    .filter((mapping) => mapping.function === 'prioritization')
    .reduce((total, { maximumConcurrency }) => total + maximumConcurrency, 0);

/** What protects a function from the others, or them from it. */
export const reservedConcurrency = (settings: Reserving): Reserved =>
  settings.reserve_concurrency
    ? {
        prioritization: drainsAtOnce(settings),
        query: READS_AT_ONCE,
        ...(settings.function_url ? { reader: STREAMS_AT_ONCE } : {}),
      }
    : {};

/** The least limit of concurrent executions with which Lambda takes that; nothing where nothing is reserved. */
export const neededConcurrency = (settings: Reserving): number => {
  const reserved = Object.values(reservedConcurrency(settings)).reduce((total, count) => total + count, 0);
  return reserved === 0 ? 0 : reserved + NEVER_RESERVED;
};
