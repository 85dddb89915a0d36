import type { Problem } from '../shared/contract/problem.ts';
import type { ApiAnswer } from './api-client.ts';

/** The API said no. The command tells why, and ends with its own exit code. */
export class RefusedError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(renderProblem(problem));
    this.name = 'RefusedError';
    this.problem = problem;
  }
}

/** Requests that would be refused: nothing was sent. */
export class FaultyInput extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'FaultyInput';
  }
}

type NamedFault = NonNullable<Problem['errors']>[number];

const placeOf = ({ line, pointer, parameter }: NamedFault): string =>
  [line === undefined ? '' : `line ${line}`, pointer ?? parameter ?? '']
    .filter((part) => part !== '')
    .join(' ');

const renderFault = (fault: NamedFault): string =>
  ['  ', placeOf(fault), placeOf(fault) === '' ? '' : ': ', fault.detail].join('');

/** A problem as sentences: what was refused, why, and every place that is wrong. */
export const renderProblem = ({ title, detail, instance, errors = [] }: Problem): string =>
  [
    `${title}. ${detail}`,
    ...errors.map(renderFault),
    ...(instance === undefined ? [] : [`  ${instance}`]),
  ].join('\n');

/** The value of an answer; a refusal ends the command. */
export const answered = <T>(answer: ApiAnswer<T>): T => {
  if (answer.kind === 'refused') throw new RefusedError(answer.problem);
  return answer.value;
};
