import type { BatchStatus } from './batch-statuses.ts';
import type { Priority } from './priorities.ts';
import type { Problem } from './problem.ts';
import type { Usage } from './request.ts';
import type { TerminalStatus } from './statuses.ts';

/** Which request of which batch. `total` tells where the last of its tallies ends. */
export interface BatchMember {
  readonly id: string;
  /** From 0, in the order of the input. */
  readonly index: number;
  readonly total: number;
}

/** What a request of the batch gets where it says nothing itself. */
export interface BatchDefaults {
  readonly model?: string | undefined;
  readonly priority?: Priority | undefined;
  readonly deadline?: string | undefined;
  readonly expires_in_seconds?: number | undefined;
}

/** Where the requests of a batch lie, one JSON object a line. */
export interface BatchInput {
  readonly key: string;
  readonly sizeBytes: number;
}

/** How far the splitter has got: all before it is accepted. */
export interface BatchCursor {
  readonly offsetBytes: number;
  /** Lines before the offset, empty ones too: for messages. */
  readonly line: number;
  readonly index: number;
}

/** State of one batch. How its requests ended is in its tallies. */
export interface BatchItem {
  readonly batchId: string;
  readonly customId: string | null;
  readonly tenant: string;
  readonly status: BatchStatus;
  /** Hash of what was sent, to tell a replay from a conflict. */
  readonly fingerprint: string;
  readonly defaults: BatchDefaults;
  readonly metadata: Readonly<Record<string, string>>;
  readonly createdAtMs: number;
  /** The time at which its requests count as accepted: that of the door, or of the start after an upload. */
  readonly acceptedAtMs: number;
  /** The last time at which one of its requests expires; until the upload is known, when it must have begun. */
  readonly expiresAtMs: number;
  readonly input: BatchInput;
  /** What `size_bytes` of its upload says. */
  readonly announcedBytes?: number;
  /** 0 until every line was checked. */
  readonly total: number;
  readonly cursor: BatchCursor;
  readonly cancelInitiatedAtMs?: number;
  readonly endedAtMs?: number;
  /** Told when it has ended. */
  readonly callbackUrl?: string;
  /** Why it failed. */
  readonly problem?: Problem;
  /** Removal by DynamoDB. Compared in code too: DynamoDB removes late. */
  readonly ttlSeconds?: number;
}

/** How requests of a batch ended. Those that have not are the rest of the total. */
export type EndCounts = Readonly<Record<TerminalStatus, number>>;

/** So many neighbours of one batch are counted in one item: its bitmap and its sums fit into one write unit. */
export const TALLY_MEMBERS = 4000;

/**
 * How the members of one stretch of a batch ended. A bit for each member says whether it is in the sums, so that
 * telling of an end twice, however late, counts it once. Of what was reopened the last generation is the one in the sums.
 */
export interface BatchTally {
  readonly counted: Uint8Array;
  /** By place, the generation that is in the sums; absent until one was reopened. */
  readonly generations?: Uint8Array;
  readonly ended: EndCounts;
  readonly usage: Usage;
  readonly costUsd: number;
  /** Answered by a pool without prices: the cost of the batch is not known then. */
  readonly unpriced: number;
}

/** A member that has ended, as its state item tells. */
export interface EndedMember {
  readonly batch: BatchMember;
  /** How often it was reopened before this end. */
  readonly generation?: number | undefined;
  readonly status: TerminalStatus;
  readonly usage: Usage | null;
  readonly costUsd: number | null;
}
