import type { Problem } from '../../shared/contract/problem.ts';

/** What the API refused, as it told it: `problem.code` says what, `problem.errors` every place that is wrong. */
export class SmootherError extends Error {
  readonly problem: Problem;
  readonly status: number;

  constructor(problem: Problem) {
    super(`${problem.title}. ${problem.detail}`);
    this.name = 'SmootherError';
    this.problem = problem;
    this.status = problem.status;
  }
}
