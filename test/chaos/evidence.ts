import type { CallRecord } from '../../local/bedrock/truth.ts';
import type { Notification, Refusal, Result } from '../../shared/contract/request.ts';
import type { PlannedRequest } from './load.ts';

/** Somebody was told that a request is accepted. Over HTTP with its id; a sent message learns it from its result. */
export interface Acknowledgement {
  readonly customId: string;
  readonly door: 'http' | 'queue';
  readonly requestId?: string;
}

/** A result as it lies in the bucket. */
export interface StoredLine {
  readonly key: string;
  readonly result: Result;
}

/** An item of the reporting table. */
export interface LedgerItem {
  readonly report_id: string;
  readonly segment: string;
  readonly requests: number;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cache_read_tokens: number;
  readonly cache_write_tokens: number;
  readonly cost_usd: number | null;
  readonly lost_attempts: number;
}

/** What the API answers about a request id. */
export interface ApiAnswer {
  readonly requestId: string;
  readonly status: number;
  readonly body: unknown;
}

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Somebody was told that his tenant has too much waiting. */
export interface Turned {
  readonly customId: string;
  readonly waiting: number;
  readonly mostWaiting: number;
}

/** All that a run shows to somebody outside. The checker knows nothing else. */
export interface Evidence {
  readonly planned: readonly PlannedRequest[];
  readonly acknowledged: readonly Acknowledgement[];
  /** Nobody took them, however often they were sent. */
  readonly givenUp: readonly string[];
  readonly turnedAway: readonly Turned[];
  /** What tenants are said to have waiting, after everybody's last request. */
  readonly counters: Readonly<Record<string, number>>;
  /** Every message of the results queue, in the order of their coming. */
  readonly notifications: readonly (Notification | Refusal)[];
  readonly answers: readonly ApiAnswer[];
  readonly stored: readonly StoredLine[];
  readonly ledger: readonly LedgerItem[];
  /** The simulator's record; what it did between the last look and its own death is not in it. */
  readonly calls: readonly CallRecord[];
  /** When the simulator stood still: a call of a client that has died looks alive for as long. */
  readonly simulatorPauses: readonly Span[];
  /** When the simulator was killed: calls without an end ended there. */
  readonly simulatorKillsAtMs: readonly number[];
  /** Messages, visible or not, by the name of their queue, after everything came to rest. */
  readonly left: Readonly<Record<string, number>>;
  /** Parts that ended though nobody killed them. */
  readonly unexpectedEnds: readonly string[];
}

export interface Violation {
  readonly rule: string;
  readonly detail: string;
}

export type Rule = (evidence: Evidence) => readonly Violation[];
