import type { Json } from '../../shared/core/answers/json-members.ts';
import { toOpenAiBatchLine } from '../../shared/core/dialects/openai/result-to-completion.ts';
import type { ResultOfItem } from './result-of-item.ts';

/** Theirs has failures in a file of their own, ours has all in one. */
export const toOpenAi = ({ result, id }: ResultOfItem): Json => toOpenAiBatchLine(result, id);
