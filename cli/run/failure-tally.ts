import type { Result } from '../../shared/contract/request.ts';
import { renderCount } from './render-progress.ts';

/** Of what failed for one reason: how many, and what the first of them said. */
export interface Failure {
  readonly code: string;
  readonly count: number;
  readonly detail: string;
}

export interface FailureTally {
  note(results: readonly Result[]): void;
  /** Most of them first. */
  failures(): readonly Failure[];
}

export const createFailureTally = (): FailureTally => {
  const byCode = new Map<string, Failure>();
  return {
    note: (results) => {
      for (const { error } of results) {
        if (error === null) continue;
        const { code, detail } = error;
        const known = byCode.get(code);
        byCode.set(code, { code, count: (known?.count ?? 0) + 1, detail: known?.detail ?? detail });
      }
    },
    failures: () => [...byCode.values()].sort((one, other) => other.count - one.count),
  };
};

const MOST_TOLD = 5;

/** Why some failed, a line for each reason. */
export const renderFailures = (failures: readonly Failure[]): string =>
  failures
    .slice(0, MOST_TOLD)
    .map(({ code, count, detail }) => `  ${renderCount(count)} ${code}: ${detail}`)
    .join('\n');
