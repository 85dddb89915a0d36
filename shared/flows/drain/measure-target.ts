import type { SentCall } from '../../core/governor/governor.ts';
import type { Session } from './session.ts';

type TargetMetric = 'TargetCalls' | 'TargetThrottles' | 'TargetErrors' | 'TargetClosed';

/** One more, for the target of a call; a pool with one target has its figures by the pool. */
export const measureTarget = (session: Session, sent: SentCall, metric: TargetMetric): void => {
  const { deps, governor, poolName, targets } = session;
  if (targets.length < 2) return;
  deps.telemetry.measure(metric, 1, { pool: poolName, target: governor.targetOf(sent).name });
};
