import { createProblem, type Problem } from '../../contract/problem.ts';
import type { RedriveChanges } from '../../contract/redrive.ts';
import { generationOf, type RequestItem } from '../../contract/request-item.ts';
import { chooseQueue } from '../../core/choose-queue.ts';
import { heldWithoutText } from '../../core/hold-request.ts';
import type { Queues } from '../../ports/queues.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import type { TenantStore } from '../../ports/tenant-store.ts';
import type { Found } from './find-dead-letters.ts';
import { type PrepareDeps, prepareRedrive } from './prepare-redrive.ts';
import { type ReopenDeps, reopenRequest } from './reopen-request.ts';
import { sendReopened } from './send-reopened.ts';

export interface RedriveOneDeps extends PrepareDeps, ReopenDeps {
  readonly queues: Queues;
  readonly tenants: TenantStore;
  readonly telemetry: Telemetry;
}

export type Redriven =
  | { readonly kind: 'reopened'; readonly pool: string }
  /** It was so before, and waits for a lane message that may never have been sent. */
  | { readonly kind: 'sent_again'; readonly pool: string }
  | { readonly kind: 'fault'; readonly problem: Problem };

export interface RedriveOptions {
  readonly set: RedriveChanges;
  /** Without one nothing is written. */
  readonly redriveId: string | undefined;
}

const FIRST_PLACE = 1;

/** Counts are advice: without one it is the first of its tenant. */
const placeOf = async (item: RequestItem, more: 0 | 1, deps: RedriveOneDeps): Promise<number> => {
  try {
    return await deps.tenants.addWaiting(item.pool, item.tenant, more);
  } catch (error) {
    const { pool, tenant } = item;
    deps.telemetry.log('warn', 'waiting_not_counted', { pool, tenant, delta: more, error: String(error) });
    return FIRST_PLACE;
  }
};

const send = async (
  item: RequestItem,
  kind: 'reopened' | 'sent_again',
  deps: RedriveOneDeps,
): Promise<Redriven> => {
  const place = await placeOf(item, kind === 'reopened' ? 1 : 0, deps);
  const { queue } = chooseQueue(heldWithoutText(item), place, deps.clock.nowMs());
  if (await sendReopened(item, queue, deps)) return { kind, pool: item.pool };
  const detail = 'It is open again, but its lane did not take it; redrive it once more.';
  return {
    kind: 'fault',
    problem: createProblem('temporarily_unavailable', { requestId: item.requestId, detail }),
  };
};

const reopenOne = async (
  { item, at }: Found,
  { set, redriveId }: RedriveOptions,
  deps: RedriveOneDeps,
): Promise<Redriven> => {
  const prepared = await prepareRedrive(item, set, deps);
  if (prepared.kind === 'fault') return prepared;
  if (redriveId === undefined) return { kind: 'reopened', pool: at.pool };
  const nowMs = deps.clock.nowMs();
  const opened = await reopenRequest({ seen: item, held: prepared.held, redriveId, nowMs }, deps);
  if (opened === undefined) {
    const detail = 'Somebody else has reopened it meanwhile, or it was removed.';
    return {
      kind: 'fault',
      problem: createProblem('not_reopenable', { requestId: item.requestId, detail }),
    };
  }
  deps.telemetry.log('info', 'request_reopened', {
    request_id: opened.requestId,
    tenant: opened.tenant,
    pool: opened.pool,
    generation: generationOf(opened),
    redrive_id: redriveId,
  });
  return send(opened, 'reopened', deps);
};

/** One of those that match. What cannot be done now is told as its fault, and holds up no other. */
export const redriveOne = async (
  found: Found,
  options: RedriveOptions,
  deps: RedriveOneDeps,
): Promise<Redriven> => {
  const { item, kind } = found;
  try {
    if (kind === 'dead') return await reopenOne(found, options, deps);
    if (options.redriveId === undefined) return { kind: 'sent_again', pool: item.pool };
    return await send(item, 'sent_again', deps);
  } catch (error) {
    deps.telemetry.log('error', 'request_not_reopened', { request_id: item.requestId, error: String(error) });
    const detail = 'A store did not answer; redrive it once more.';
    return {
      kind: 'fault',
      problem: createProblem('temporarily_unavailable', { requestId: item.requestId, detail }),
    };
  }
};
