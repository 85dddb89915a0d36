import type { Json } from '../../shared/core/answers/json-members.ts';
import { toAnthropicBatchResult } from '../../shared/core/dialects/anthropic/result-to-message.ts';
import type { ResultOfItem } from './result-of-item.ts';

/** A line of the results of an Anthropic batch. */
export const toAnthropic = ({ result, id }: ResultOfItem): Json => ({
  custom_id: id,
  result: toAnthropicBatchResult(result),
});
