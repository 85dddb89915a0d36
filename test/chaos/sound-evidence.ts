import type { CallRecord } from '../../local/bedrock/truth.ts';
import { createProblem } from '../../shared/contract/problem.ts';
import type { Result } from '../../shared/contract/request.ts';
import type { Evidence, LedgerItem } from './evidence.ts';
import type { PlannedRequest } from './load.ts';

const SEGMENT = 'seg_one';
const KEY = `results/chaos/2026/01/31/12/${SEGMENT}.jsonl`;

export const plannedOf = (index: number, changes: Partial<PlannedRequest> = {}): PlannedRequest => ({
  customId: `c-7-${index}`,
  atMs: 0,
  door: 'http',
  tenant: 'default',
  priority: 'normal',
  keyed: 'body',
  sentTwice: false,
  expiresInSeconds: undefined,
  fillerCharacters: 0,
  maxTokens: 20,
  fate: 'served',
  ...changes,
});

export const resultOf = (index: number, changes: Partial<Result> = {}): Result => ({
  request_id: `req_${index}`,
  custom_id: `c-7-${index}`,
  tenant: 'default',
  status: 'succeeded',
  model: 'chaos-model',
  pool: 'chaos',
  priority: 'normal',
  accepted_at: '2026-01-31T12:00:00.000Z',
  expires_at: '2026-02-05T12:00:00.000Z',
  attempts: 1,
  region: 'us-east-1',
  content: `echo: chaos c-7-${index} and so on`,
  output: {},
  stop_reason: 'end_turn',
  usage: { input_tokens: 10, output_tokens: 20, cache_read_tokens: 0, cache_write_tokens: 0 },
  cost_usd: 0.0001,
  latency_ms: 500,
  wait_ms: 100,
  finished_at: '2026-01-31T12:00:01.000Z',
  error: null,
  metadata: { of: `c-7-${index}` },
  ...changes,
});

export const callOf = (index: number, changes: Partial<CallRecord> = {}): CallRecord => ({
  seq: index + 1,
  at_ms: 1_000,
  ended_at_ms: 1_500,
  model: 'chaos-model',
  marker: `chaos c-7-${index} `,
  status: 200,
  output_tokens: 20,
  ...changes,
});

const ledgerItem: LedgerItem = {
  report_id: 'chaos#2026-01-31T12',
  segment: SEGMENT,
  requests: 3,
  outcomes: { succeeded: 2, expired: 1 },
  input_tokens: 30,
  output_tokens: 60,
  cache_read_tokens: 0,
  cache_write_tokens: 0,
  cost_usd: 0.0003,
  lost_attempts: 1,
};

/**
 * Three requests that went well: one over HTTP; one on the queue of another tenant, tried twice, whose first answer
 * came too late to win; one on the queue that expired.
 */
export const soundEvidence = (): Evidence => {
  const first = resultOf(0);
  const second = resultOf(1, { tenant: 'ants', attempts: 2 });
  const lost = resultOf(1, { tenant: 'ants', finished_at: '2026-01-31T12:00:02.000Z' });
  const third = resultOf(2, {
    ...{
      status: 'expired',
      error: createProblem('deadline_passed'),
      content: null,
      output: null,
      usage: null,
      cost_usd: null,
      stop_reason: null,
    },
    expires_at: '2026-01-31T12:00:01.000Z',
  });
  return {
    planned: [
      plannedOf(0, { sentTwice: true }),
      plannedOf(1, { door: 'queue', tenant: 'ants' }),
      plannedOf(2, { door: 'queue', expiresInSeconds: 1 }),
    ],
    acknowledged: [
      { customId: 'c-7-0', door: 'http', requestId: 'req_0' },
      { customId: 'c-7-0', door: 'http', requestId: 'req_0' },
      { customId: 'c-7-1', door: 'queue' },
      { customId: 'c-7-2', door: 'queue' },
    ],
    givenUp: [],
    turnedAway: [{ customId: 'c-7-0', waiting: 5, mostWaiting: 5 }],
    counters: { 'tenant#chaos#ants': 0 },
    notifications: [first, second, third, first],
    answers: [
      { requestId: 'req_0', status: 200, body: first },
      { requestId: 'req_1', status: 404, body: { status: 404 } },
      { requestId: 'req_2', status: 200, body: third },
    ],
    stored: [first, second, lost, third].map((result) => ({ key: KEY, result })),
    ledger: [ledgerItem],
    calls: [
      callOf(0),
      callOf(1, { seq: 2, status: 499 }),
      callOf(1, { seq: 3, at_ms: 2_000, ended_at_ms: 2_500 }),
      callOf(2, { seq: 4, status: 429 }),
    ],
    simulatorPauses: [],
    simulatorKillsAtMs: [],
    left: { input: 0, 'hold-chaos-high-express': 0, 'dead-letter-chaos': 1 },
    unexpectedEnds: [],
  };
};
