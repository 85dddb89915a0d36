import { createProblem, type Problem } from '../../contract/problem.ts';
import type { Result } from '../../contract/request.ts';
import { isObject, type Json } from '../answers/json-members.ts';

/** The content blocks of an answer in the words of Converse; empty for answers in a model's own. */
export const converseBlocks = ({ output, content }: Result): readonly Json[] => {
  const message = isObject(output) ? output.message : undefined;
  const blocks = isObject(message) && Array.isArray(message.content) ? message.content : undefined;
  if (blocks !== undefined) return blocks.filter(isObject);
  return content === null ? [] : [{ text: content }];
};

/** An answer that came as a message of Anthropic's own. */
export const anthropicMessage = ({ output }: Result): Json | undefined =>
  isObject(output) && output.type === 'message' ? output : undefined;

/** Why there is no answer. */
export const problemOf = ({ error, status, request_id: requestId }: Result): Problem =>
  error ?? createProblem('internal_error', { detail: `The request ended as ${status}.`, requestId });
