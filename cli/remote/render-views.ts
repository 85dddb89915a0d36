import type { Batch } from '../../shared/contract/batch.ts';
import type { PoolQuota } from '../../shared/contract/quota-view.ts';
import type { PendingRequest, Result } from '../../shared/contract/request.ts';
import type { Column } from '../output.ts';
import { renderCount, renderSeconds, renderUsd } from '../run/render-progress.ts';

export type RequestView = PendingRequest | Result;

export const isResult = (view: RequestView): view is Result => 'finished_at' in view;

const usd = (cost: number | null): string | null => (cost === null ? null : renderUsd(cost));

export const REQUEST_COLUMNS: readonly Column<RequestView>[] = [
  { title: 'request', of: ({ request_id: id }) => id },
  { title: 'custom id', of: ({ custom_id: id }) => id },
  { title: 'status', of: ({ status }) => status },
  { title: 'pool', of: ({ pool }) => pool },
  { title: 'priority', of: ({ priority }) => priority },
  { title: 'accepted', of: ({ accepted_at: at }) => at },
  {
    title: 'detail',
    of: (view) => (isResult(view) ? view.error?.code : view.waiting_for),
  },
];

const failedOf = ({ counts }: Batch): number => counts.failed + counts.canceled + counts.expired;

export const BATCH_COLUMNS: readonly Column<Batch>[] = [
  { title: 'batch', of: ({ batch_id: id }) => id },
  { title: 'custom id', of: ({ custom_id: id }) => id },
  { title: 'status', of: ({ status }) => status },
  { title: 'done', of: ({ counts }) => counts.succeeded, align: 'right' },
  { title: 'failed', of: failedOf, align: 'right' },
  { title: 'total', of: ({ counts }) => counts.total, align: 'right' },
  { title: 'cost', of: ({ cost_usd: cost }) => usd(cost), align: 'right' },
  { title: 'created', of: ({ created_at: at }) => at },
];

export interface LimitRow {
  readonly pool: PoolQuota;
  readonly dimension: PoolQuota['dimensions'][number] | undefined;
}

const whole = (value: number | undefined): string | undefined =>
  value === undefined ? undefined : renderCount(Math.round(value));

const waitingOf = ({ pool }: LimitRow): number => {
  const { high, normal, low } = pool.waiting;
  return high + normal + low;
};

export const LIMIT_COLUMNS: readonly Column<LimitRow>[] = [
  { title: 'pool', of: ({ pool }) => pool.pool },
  { title: 'state', of: ({ pool }) => (pool.paused_by_operator ? 'paused by an operator' : pool.state) },
  { title: 'limit', of: ({ dimension }) => dimension?.name },
  { title: 'granted', of: ({ dimension }) => whole(dimension?.limit), align: 'right' },
  { title: 'last minute', of: ({ dimension }) => whole(dimension?.settled_last_minute), align: 'right' },
  { title: 'left', of: ({ dimension }) => whole(dimension?.remaining), align: 'right' },
  { title: 'running', of: ({ pool }) => pool.concurrency.in_flight, align: 'right' },
  { title: 'waiting', of: waitingOf, align: 'right' },
];

const rowsOf = (pool: PoolQuota): readonly LimitRow[] =>
  pool.dimensions.length === 0
    ? [{ pool, dimension: undefined }]
    : pool.dimensions.map((dimension) => ({ pool, dimension }));

export const toLimitRows = (pools: readonly PoolQuota[]): readonly LimitRow[] => pools.flatMap(rowsOf);

/** One request as a person reads it: what it is, and its answer. */
export const renderRequest = (view: RequestView): string => {
  if (isResult(view)) return view.content ?? `${view.status}: ${view.error?.detail ?? 'no text'}`;
  const eta = view.eta_seconds === null ? '' : `, ready in about ${renderSeconds(view.eta_seconds)}`;
  const why = view.waiting_for === null ? '' : ` for ${view.waiting_for}`;
  return `${view.status}${why}${eta}`;
};

/** What of a pool needs a word. */
export const adviceOf = ({ pool, concurrency, limits }: PoolQuota): readonly string[] => [
  ...(limits.warning === null ? [] : [`${pool}: ${limits.warning}`]),
  ...(concurrency.binds_while_quota_is_free
    ? [
        `${pool}: ${concurrency.most} calls at once are all that max_concurrent_executions allows, and quota is free; raise it.`,
      ]
    : []),
];
