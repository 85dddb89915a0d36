import type { HeldRequest } from '../../shared/contract/messages.ts';
import type { Result } from '../../shared/contract/request.ts';
import type { RequestItem } from '../../shared/contract/request-item.ts';
import { parseSettings, type Settings } from '../../shared/contract/settings.ts';

/** Settings that are known to be valid. */
export const settingsOf = (context: unknown): Settings => {
  const parsed = parseSettings(context);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
  return parsed.settings;
};

/** 2026-01-31T12:00:00Z. */
export const NOON_MS = 1_769_860_800_000;

export const REQUEST_ID = 'req_01KG9VHN000123456789ABCDEF';

export const heldWith = (changes: Partial<HeldRequest> = {}): HeldRequest => ({
  request_id: REQUEST_ID,
  custom_id: 'a-1',
  tenant: 'default',
  pool: 'haiku',
  priority: 'normal',
  accepted_at_ms: NOON_MS,
  expires_at_ms: NOON_MS + 60_000,
  max_tokens: 100,
  input_tokens_estimate: 12,
  converse: {
    messages: [{ role: 'user', content: [{ text: 'hello' }] }],
    inferenceConfig: { maxTokens: 100 },
  },
  metadata: {},
  ...changes,
});

export const itemWith = (changes: Partial<RequestItem> = {}): RequestItem => ({
  requestId: REQUEST_ID,
  customId: 'a-1',
  tenant: 'default',
  pool: 'haiku',
  priority: 'normal',
  status: 'queued',
  fingerprint: 'f',
  acceptedAtMs: NOON_MS,
  expiresAtMs: NOON_MS + 60_000,
  claims: 0,
  attempts: 0,
  serviceFaults: 0,
  crashes: 0,
  suspectCrashes: 0,
  attemptLog: [],
  ...changes,
});

export const resultWith = (changes: Partial<Result> = {}): Result => ({
  request_id: REQUEST_ID,
  custom_id: 'a-1',
  tenant: 'default',
  status: 'succeeded',
  model: 'model-a',
  pool: 'haiku',
  priority: 'normal',
  accepted_at: '2026-01-31T12:00:00.000Z',
  expires_at: '2026-01-31T12:01:00.000Z',
  attempts: 1,
  region: 'us-east-1',
  content: 'hi',
  output: { message: { role: 'assistant', content: [{ text: 'hi' }] } },
  stop_reason: 'end_turn',
  usage: { input_tokens: 10, output_tokens: 2, cache_read_tokens: 0, cache_write_tokens: 0 },
  cost_usd: null,
  latency_ms: 900,
  wait_ms: 100,
  finished_at: '2026-01-31T12:00:01.000Z',
  error: null,
  metadata: {},
  ...changes,
});
