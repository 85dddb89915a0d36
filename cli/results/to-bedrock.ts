import { isObject, type Json } from '../../shared/core/answers/json-members.ts';
import { problemOf } from '../../shared/core/dialects/answer-parts.ts';
import { toModelOutput } from '../../shared/core/dialects/bedrock/result-to-answer.ts';
import type { ResultOfItem } from './result-of-item.ts';

/** A record of the output of a Bedrock batch: with what was asked. */
export const toBedrock = ({ result, id, source }: ResultOfItem): Json => {
  const record = {
    recordId: id,
    ...(isObject(source) && 'modelInput' in source ? { modelInput: source.modelInput } : {}),
  };
  if (result.status === 'succeeded') return { ...record, modelOutput: toModelOutput(result) };
  const { detail } = problemOf(result);
  return { ...record, error: { errorCode: result.error?.status ?? 500, errorMessage: detail } };
};
