import type { Result } from '../../shared/contract/request.ts';
import type { Json } from '../../shared/core/answers/json-members.ts';

/** A result and the request that it answers, for those who write it in another form. */
export interface ResultOfItem {
  readonly result: Result;
  /** As the format of the input calls it. */
  readonly id: string;
  readonly source: Json | string;
}
