import type { BatchItem, EndedMember } from '../../shared/contract/batch-item.ts';

export const TOTAL = 9000;

export const batchItem = (batchId: string, fields: Partial<BatchItem> = {}): BatchItem => ({
  batchId,
  customId: 'nightly',
  tenant: 'tenant-a',
  status: 'in_progress',
  fingerprint: 'fingerprint-1',
  defaults: { priority: 'low' },
  metadata: { run: '7' },
  createdAtMs: 1_000_000,
  acceptedAtMs: 1_000_000,
  expiresAtMs: 2_000_000,
  input: { key: `batches/${batchId}/fingerprint-1.jsonl`, sizeBytes: 500 },
  total: TOTAL,
  cursor: { offsetBytes: 0, line: 0, index: 0 },
  ...fields,
});

export const USAGE = { input_tokens: 10, output_tokens: 2, cache_read_tokens: 1, cache_write_tokens: 3 };

export const endedMember = (
  batchId: string,
  index: number,
  fields: Partial<EndedMember> = {},
): EndedMember => ({
  batch: { id: batchId, index, total: TOTAL },
  status: 'succeeded',
  usage: USAGE,
  costUsd: 0.5,
  ...fields,
});
