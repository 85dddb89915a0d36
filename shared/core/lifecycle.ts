import type { Status } from '../contract/statuses.ts';

export const EVENTS = [
  'claimed',
  'put_back',
  'succeeded',
  'failed',
  'canceled',
  'expired',
  'reopened',
] as const;

export type LifecycleEvent = (typeof EVENTS)[number];

/** `state × event → state`; what is missing cannot happen. The store, the docs and the tests read this table. */
export const LIFECYCLE: Readonly<Record<Status, Partial<Readonly<Record<LifecycleEvent, Status>>>>> = {
  queued: { claimed: 'running', canceled: 'canceled', expired: 'expired', failed: 'failed' },
  running: {
    claimed: 'running',
    put_back: 'queued',
    succeeded: 'succeeded',
    failed: 'failed',
    canceled: 'canceled',
    expired: 'expired',
  },
  succeeded: {},
  /** By an operator; whether its text is kept is asked beside this. */
  failed: { reopened: 'queued' },
  canceled: {},
  expired: {},
};

export const nextStatus = (status: Status, event: LifecycleEvent): Status | undefined =>
  LIFECYCLE[status][event];

/** The states from which `event` may happen: what a conditional write has to name. */
export const statesBefore = (event: LifecycleEvent): readonly Status[] =>
  (Object.keys(LIFECYCLE) as Status[]).filter((status) => nextStatus(status, event) !== undefined);
