import { createProblem, type Problem } from '../../contract/problem.ts';
import type { RequestItem } from '../../contract/request-item.ts';
import { tenantSettingsOf } from '../../contract/tenants.ts';
import { heldWithoutText, type NewRequest } from '../../core/hold-request.ts';
import { traceOf } from '../../core/trace.ts';
import type { AcceptDeps } from './accept-deps.ts';
import { readBacklog } from './back-pressure.ts';
import type { Candidate } from './examine.ts';
import type { Reserved } from './reserve-places.ts';
import { type Acceptance, UNAVAILABLE } from './submission.ts';

/** What became of a candidate; it counts as accepted only once its lane message is written, too. */
export interface Stored {
  readonly acceptance: Acceptance;
  readonly toSend?: NewRequest;
  /** Whether it is one more that waits, and keeps its place. */
  readonly isNew: boolean;
}

const replay = ({ submission, fresh }: Candidate, existing: RequestItem): Stored => {
  if (existing.fingerprint !== fresh.item.fingerprint)
    return {
      isNew: false,
      acceptance: {
        kind: 'refused',
        problem: createProblem('idempotency_conflict', { requestId: existing.requestId }),
      },
    };
  const acceptance: Acceptance = { kind: 'accepted', item: existing, replayed: true };
  // The first delivery may have died between its two writes: the claim makes a second lane message harmless.
  // A producer that asks again for what has ended gets its answer again: the drain that meets it repeats it.
  const again =
    existing.status === 'queued' || (submission.door === 'queue' && existing.status !== 'running');
  if (!again) return { isNew: false, acceptance };
  // Reopened, it may be another than was sent: its text lies in the bucket.
  if (existing.textId !== undefined)
    return { isNew: false, acceptance, toSend: { item: existing, held: heldWithoutText(existing) } };
  const { not_before_ms: _, ...body } = fresh.held;
  const held = {
    ...body,
    accepted_at_ms: existing.acceptedAtMs,
    expires_at_ms: existing.expiresAtMs,
    ...(existing.notBeforeMs === undefined ? {} : { not_before_ms: existing.notBeforeMs }),
  };
  return { isNew: false, acceptance, toSend: { item: existing, held } };
};

const tooMany = ({ candidate, before }: Reserved, most: number): Stored => {
  const { tenant, pool } = candidate.fresh.item;
  // Those that came together with it and found room fill what was left, and no more.
  const waiting = { count: Math.max(before, most), most };
  const detail = `\`${tenant}\` has ${waiting.count} unfinished requests in \`${pool}\`, of at most ${most}; nothing was accepted.`;
  return {
    isNew: false,
    acceptance: { kind: 'refused', problem: createProblem('too_many_waiting', { detail, waiting }) },
  };
};

/** Why it is not taken now, if it is for later than what waits already can be done. */
const backlogFor = async (
  { submission: { door }, fresh: { item, held } }: Candidate,
  { reports, ...deps }: AcceptDeps,
): Promise<Problem | undefined> => {
  if (item.priority !== 'low' || door === 'batch' || reports === undefined) return undefined;
  const burndown = deps.settings.models[item.pool]?.burndown ?? 1;
  const charge = held.input_tokens_estimate + burndown * held.max_tokens;
  return readBacklog({ pool: item.pool, requests: 1, charge }, { ...deps, reports });
};

const storeCandidate = async (reserved: Reserved, deps: AcceptDeps): Promise<Stored> => {
  const { candidate, place } = reserved;
  const { submission, fresh, existing, repeatable } = candidate;
  if (existing !== undefined) return replay(candidate, existing);
  const most = tenantSettingsOf(deps.settings, fresh.item.tenant).max_waiting;
  if (submission.door !== 'queue' && place > most) {
    // What was accepted before stays so, however many wait now.
    const before = repeatable ? await deps.requests.read(fresh.item.requestId) : undefined;
    return before === undefined ? tooMany(reserved, most) : replay(candidate, before);
  }
  const backlog = await backlogFor(candidate, deps);
  if (backlog !== undefined) {
    const before = repeatable ? await deps.requests.read(fresh.item.requestId) : undefined;
    if (before !== undefined) return replay(candidate, before);
    return { isNew: false, acceptance: { kind: 'refused', problem: backlog } };
  }
  const creation = await deps.requests.create(fresh.item);
  if (creation.kind === 'exists') return replay(candidate, creation.item);
  return {
    isNew: true,
    acceptance: { kind: 'accepted', item: fresh.item, replayed: false },
    toSend: fresh,
  };
};

/** Writes the state item of a request; or finds that it is there, or that its tenant has too many. */
export const store = async (reserved: Reserved, deps: AcceptDeps): Promise<Stored> => {
  try {
    return await storeCandidate(reserved, deps);
  } catch (error) {
    deps.telemetry.log('error', 'request_not_stored', {
      ...traceOf(reserved.candidate.fresh.held),
      error: String(error),
    });
    return { isNew: false, acceptance: UNAVAILABLE };
  }
};
