import type { BatchItem, BatchTally } from '../contract/batch-item.ts';

/** Attributes of a batch as they lie in the table, beside the requests. */
export interface StoredBatch {
  readonly request_id: string;
  readonly custom_id?: string;
  /** Named so, and on batches only: the index of a tenant's batches holds nothing else. */
  readonly batch_tenant: string;
  readonly status: BatchItem['status'];
  readonly fingerprint: string;
  readonly defaults: BatchItem['defaults'];
  readonly metadata: BatchItem['metadata'];
  readonly created_at_ms: number;
  readonly accepted_at_ms: number;
  readonly expires_at_ms: number;
  readonly input: BatchItem['input'];
  readonly announced_bytes?: number;
  readonly callback_url?: string;
  readonly total: number;
  readonly cursor: BatchItem['cursor'];
  readonly cancel_initiated_at_ms?: number;
  readonly ended_at_ms?: number;
  readonly problem?: BatchItem['problem'];
  readonly ttl_seconds?: number;
}

/** The attributes that may change, by the names of the item. */
export const toStoredFields = (fields: Partial<BatchItem>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries({
      status: fields.status,
      accepted_at_ms: fields.acceptedAtMs,
      expires_at_ms: fields.expiresAtMs,
      input: fields.input,
      total: fields.total,
      cursor: fields.cursor,
      cancel_initiated_at_ms: fields.cancelInitiatedAtMs,
      ended_at_ms: fields.endedAtMs,
      problem: fields.problem,
      ttl_seconds: fields.ttlSeconds,
    }).filter(([, value]) => value !== undefined),
  );

export const toStoredBatch = (batch: BatchItem): Readonly<Record<string, unknown>> => ({
  request_id: batch.batchId,
  ...(batch.customId === null ? {} : { custom_id: batch.customId }),
  batch_tenant: batch.tenant,
  fingerprint: batch.fingerprint,
  defaults: batch.defaults,
  metadata: batch.metadata,
  created_at_ms: batch.createdAtMs,
  ...(batch.announcedBytes === undefined ? {} : { announced_bytes: batch.announcedBytes }),
  ...(batch.callbackUrl === undefined ? {} : { callback_url: batch.callbackUrl }),
  ...toStoredFields(batch),
});

export const fromStoredBatch = (stored: StoredBatch): BatchItem => ({
  batchId: stored.request_id,
  customId: stored.custom_id ?? null,
  tenant: stored.batch_tenant,
  status: stored.status,
  fingerprint: stored.fingerprint,
  defaults: stored.defaults,
  metadata: stored.metadata,
  createdAtMs: stored.created_at_ms,
  acceptedAtMs: stored.accepted_at_ms,
  expiresAtMs: stored.expires_at_ms,
  input: stored.input,
  ...(stored.announced_bytes === undefined ? {} : { announcedBytes: stored.announced_bytes }),
  ...(stored.callback_url === undefined ? {} : { callbackUrl: stored.callback_url }),
  total: stored.total,
  cursor: stored.cursor,
  ...(stored.cancel_initiated_at_ms === undefined
    ? {}
    : { cancelInitiatedAtMs: stored.cancel_initiated_at_ms }),
  ...(stored.ended_at_ms === undefined ? {} : { endedAtMs: stored.ended_at_ms }),
  ...(stored.problem === undefined ? {} : { problem: stored.problem }),
  ...(stored.ttl_seconds === undefined ? {} : { ttlSeconds: stored.ttl_seconds }),
});

/** A tally, with the version that a write of it has to find. */
export interface StoredTally {
  readonly version: number;
  readonly counted: Uint8Array;
  readonly generations?: Uint8Array;
  readonly ended: BatchTally['ended'];
  readonly usage: BatchTally['usage'];
  readonly cost_usd: number;
  readonly unpriced: number;
}

export const toStoredTally = (tally: BatchTally, version: number): StoredTally => ({
  version,
  counted: tally.counted,
  ...(tally.generations === undefined ? {} : { generations: tally.generations }),
  ended: tally.ended,
  usage: tally.usage,
  cost_usd: tally.costUsd,
  unpriced: tally.unpriced,
});

export const fromStoredTally = (stored: StoredTally): BatchTally => ({
  counted: stored.counted,
  ...(stored.generations === undefined ? {} : { generations: stored.generations }),
  ended: stored.ended,
  usage: stored.usage,
  costUsd: stored.cost_usd,
  unpriced: stored.unpriced,
});
