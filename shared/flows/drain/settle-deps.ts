import type { DrainDeps } from './drain-deps.ts';

/** What it takes to write results down. */
export type SettleDeps = Pick<
  DrainDeps,
  | 'settings'
  | 'region'
  | 'clock'
  | 'random'
  | 'createSegmentId'
  | 'queues'
  | 'requests'
  | 'batches'
  | 'objects'
  | 'ledger'
  | 'tenants'
  | 'telemetry'
>;
