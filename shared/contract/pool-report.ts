import { z } from 'zod';

const count = z.number().int().min(0);
const byClass = z.object({ high: count, normal: count, low: count });
const timeMs = z.number().int();

/** Tenants of one kind that a report names; of more it says nothing, so that it stays small. */
export const MOST_NAMED_TENANTS = 20;

const names = z.array(z.string()).max(MOST_NAMED_TENANTS).default([]);

const STATES = ['open', 'paused', 'probing'] as const;

const dimensionSchema = z.object({
  name: z.string(),
  /** As configured: in a minute, or in a day for quotas of a day. */
  limit: z.number(),
  /** What refills now: the configured rate times the multiplier. */
  per_second: z.number(),
  multiplier: z.number(),
  /** What could be held now; below zero in debt. */
  level: z.number(),
  /** By calls under way. */
  held: z.number(),
  settled_last_minute: z.number(),
  /** When the bucket is full again if nothing more is sent. */
  full_at_ms: timeMs,
  /** What a request is charged on average; 0 until one was answered. */
  mean_charge: z.number(),
});

/** As settings name it; they also say which model it is, and where. */
const targetSchema = z.object({
  name: z.string(),
  state: z.enum(STATES),
  /** 0 when not paused. */
  paused_until_ms: timeMs,
  breaker: z.enum(['closed', 'open', 'probing']),
  /** 0 unless open. */
  open_until_ms: timeMs,
  in_flight: count,
  latency_ms: z.number(),
  dimensions: z.array(dimensionSchema).max(6),
});

/**
 * What the owner of a pool tells everybody with its heartbeat, as JSON of at most 2 KB on the pool item, and less than 1 KB
 * more for each of several targets: reads, quotas
 * and predictions are made of it, so that nobody has to ask the queues. Figures are advice; they may be seconds old.
 */
export const poolReportSchema = z.object({
  epoch: count,
  at_ms: timeMs,
  /** Waiting in the owner's hands. */
  staged: byClass,
  /** Waiting in the lanes, all bands of a class together, as counted last: without what is staged. */
  lanes: byClass,
  /** May not run yet: `not_before`, a pause, a spent budget. */
  parked: count,
  in_flight: count,
  /** When the one that waits longest was accepted; not given for a class in which nothing waits. */
  oldest_ms: z.object({ high: timeMs, normal: timeMs, low: timeMs }).partial(),
  /** Requests that ended in the last `ended_over_ms`, at most a minute. */
  ended: byClass,
  ended_over_ms: count,
  state: z.enum(STATES),
  /** 0 when not paused. */
  paused_until_ms: timeMs,
  /** Learned; 0 until an answer came. */
  latency_ms: z.number(),
  output_tokens: z.number(),
  /** Tokens counted by the service, for each that was estimated. */
  input_ratio: z.number(),
  dimensions: z.array(dimensionSchema).max(6),
  concurrency: z.object({
    /** Calls at once that the quota has work for. */
    limit: z.number(),
    /** As configured. */
    most: z.number(),
    in_flight: count,
    /** Of earlier owners. */
    others: count,
    binds_while_quota_is_free: z.boolean(),
  }),
  /** Held back by their operator, or by a budget that is spent. */
  paused_classes: z.array(z.enum(['high', 'normal', 'low'])).default([]),
  /** Where the pool has several: what stands above is of those that may be called, together. */
  targets: z.array(targetSchema).default([]),
  paused_tenants: names,
  spent_tenants: names,
});

export type PoolReport = z.infer<typeof poolReportSchema>;
export type ReportedTarget = z.infer<typeof targetSchema>;
export type ReportedDimension = z.infer<typeof dimensionSchema>;
export type ByClass = z.infer<typeof byClass>;

/** Whatever lies on the pool item, from this version or another; nothing when it is no report. */
export const parsePoolReport = (text: unknown): PoolReport | undefined => {
  if (typeof text !== 'string') return undefined;
  try {
    return poolReportSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
};
