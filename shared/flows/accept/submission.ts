import type { BatchMember } from '../../contract/batch-item.ts';
import { createProblem, type Problem } from '../../contract/problem.ts';
import type { RequestItem } from '../../contract/request-item.ts';

export interface Submission {
  /** Parsed JSON. */
  readonly body: unknown;
  readonly door: 'http' | 'queue' | 'batch';
  /** Proven by the credential, over HTTP. */
  readonly provenTenant?: string;
  /** From the header, over HTTP. */
  readonly idempotencyKey?: string;
  /** SQS's id, on the queue: tells deliveries of one message from another message. */
  readonly messageId?: string;
  /** The caller's own thread through the logs of several systems. */
  readonly correlationId?: string;
  /** Of a batch: its id comes from its place there. */
  readonly batch?: BatchMember;
  /** When it was promised, if that was before now: all its times count from there. */
  readonly acceptedAtMs?: number;
}

export type Acceptance =
  | { readonly kind: 'accepted'; readonly item: RequestItem; readonly replayed: boolean }
  | { readonly kind: 'refused'; readonly problem: Problem }
  | { readonly kind: 'unavailable'; readonly problem: Problem };

export const UNAVAILABLE: Acceptance = {
  kind: 'unavailable',
  problem: createProblem('temporarily_unavailable'),
};
