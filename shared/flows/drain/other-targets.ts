import type { ModelFault, Verdict } from '../../core/classify-fault.ts';
import { lossOf } from '../../core/targets/loss-of.ts';
import { serves } from '../../core/targets/serves.ts';
import type { Attempting } from './attempting.ts';
import { measureTarget } from './measure-target.ts';
import { toPlannedCall } from './session.ts';

/** What a failed call says about its target. */
export const tellTarget = (
  { session, staged, sent }: Attempting,
  fault: ModelFault,
  verdict: Verdict,
): void => {
  const { deps, governor, poolName, targets } = session;
  if (targets.length < 2) return;
  const { name } = governor.targetOf(sent);
  const loss = lossOf(fault, verdict);
  if (loss === undefined) return;
  staged.failedBy = [...staged.failedBy.filter((other) => other !== name), name];
  if (!governor.lost(sent, loss, deps.clock.nowMs())) return;
  measureTarget(session, sent, 'TargetClosed');
  deps.telemetry.log('warn', 'target_closed', { pool: poolName, target: name, error: fault.name, loss });
};

/**
 * Whether another target may answer what this one has turned down. The pool's own model is what the caller asked for:
 * what it makes of a request holds, but not that it may not be called.
 */
export const mayAskElsewhere = (
  { session, staged, sent }: Attempting,
  fault: ModelFault,
  verdict: Verdict,
): boolean => {
  const target = session.governor.targetOf(sent);
  if (target.isOwn && lossOf(fault, verdict) !== 'barred') return false;
  staged.ruledOut.add(target.name);
  return session.targets.some((other) => serves(other, toPlannedCall(staged)));
};
