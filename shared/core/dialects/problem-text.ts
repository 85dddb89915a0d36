import type { Problem } from '../../contract/problem.ts';

/** Where our form has what others call otherwise. */
const OURS = /^(\/requests\/\d+)?\/(converse|invoke_model)(?=\/|$)/;

/** The place of a fault in what the caller sent, as far as the forms are alike. */
export const placeOf = ({ pointer, parameter }: NonNullable<Problem['errors']>[number]): string =>
  parameter ?? (pointer ?? '').replace(OURS, '$1').slice(1).replaceAll('/', '.');

const faultText = (error: NonNullable<Problem['errors']>[number]): string => {
  const line = error.line === undefined ? '' : `line ${error.line}`;
  const place = [line, placeOf(error)].filter((text) => text !== '').join(' ');
  return place === '' ? error.detail : `${place}: ${error.detail}`;
};

/** A problem in one sentence after the other, for those who are told a text only. */
export const problemText = ({ detail, errors = [], request_id }: Problem): string => {
  const named = request_id === undefined || detail.includes(request_id) ? '' : ` (${request_id})`;
  const faults = errors.map(faultText).join('; ');
  return faults === '' ? `${detail}${named}` : `${detail}${named} ${faults}`;
};

/** Others have an answer of their own for a model that they do not have. */
export const isUnknownModel = ({ errors = [] }: Problem): boolean =>
  errors.length > 0 && errors.every(({ code }) => code === 'unknown_model');
