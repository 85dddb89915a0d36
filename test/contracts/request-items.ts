import type { RequestItem } from '../../shared/contract/request-item.ts';
import type { Claim } from '../../shared/core/decide-claim.ts';
import type { Finish } from '../../shared/ports/request-store.ts';

/** Times of the suites: small numbers, since stores only compare them. */
export const NOW_MS = 1_000_000;

export const queuedItem = (requestId: string, fields: Partial<RequestItem> = {}): RequestItem => ({
  requestId,
  customId: 'order-1',
  tenant: 'tenant-a',
  pool: 'haiku',
  priority: 'normal',
  status: 'queued',
  fingerprint: 'fingerprint-1',
  acceptedAtMs: NOW_MS - 1000,
  expiresAtMs: NOW_MS + 3_600_000,
  claims: 0,
  attempts: 0,
  serviceFaults: 0,
  crashes: 0,
  suspectCrashes: 0,
  attemptLog: [],
  ...fields,
});

export const claimBy = (epoch: number, fields: Partial<Claim> = {}): Claim => ({
  epoch,
  nowMs: NOW_MS,
  attemptUntilMs: NOW_MS + 60_000,
  liveEpochs: [epoch],
  ...fields,
});

export const finishOf = (requestId: string, fields: Partial<Finish> = {}): Finish => ({
  requestId,
  status: 'succeeded',
  attempts: 1,
  attemptLog: [{ epoch: 1, startedAtMs: NOW_MS, outcome: 'answered' }],
  calledAtMs: NOW_MS + 10,
  finishedAtMs: NOW_MS + 5000,
  ttlSeconds: 4_000_000,
  result: { key: 'results/haiku/segment-1.jsonl', offsetBytes: 100, lengthBytes: 50 },
  usage: { input_tokens: 10, output_tokens: 20, cache_read_tokens: 0, cache_write_tokens: 0 },
  costUsd: 0.00012,
  errorCode: undefined,
  ...fields,
});
