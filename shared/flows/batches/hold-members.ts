import type { BatchItem } from '../../contract/batch-item.ts';
import { isOver } from '../../contract/batch-statuses.ts';
import { tenantSettingsOf } from '../../contract/tenants.ts';
import { withBatchDefaults } from '../../core/batch-check.ts';
import type { Unheld, UnheldEnding } from '../../core/unheld-member.ts';
import { createAcceptRequests } from '../accept/accept-requests.ts';
import type { Acceptance } from '../accept/submission.ts';
import { endUnheldMembers } from './end-unheld.ts';
import { type ReadMember, readMembers } from './read-lines.ts';
import type { IsTimeShort, SplitDeps } from './split-deps.ts';

const MOST_CHUNK_BYTES = 4 * 1024 * 1024;

/** A store that is not well is asked again, later each time; then the message comes back later. */
const TRIES = 6;
const FIRST_PAUSE_MS = 250;

/**
 * Much room, little room: the tenant has as many waiting as it may, now that some of these are among them; half of
 * them at least, or fewer. Overtaken: another delivery of the message is ahead with the same batch.
 */
export type HoldOutcome = 'held' | 'no_time' | 'over' | 'much_room' | 'little_room' | 'overtaken';

type Accept = ReturnType<typeof createAcceptRequests>;

export const bodyOf = ({ read }: ReadMember): unknown => (read.ok ? read.body : null);

/** Refused now for what may be otherwise later, such as too many that wait. */
const isPassing = (acceptance: Acceptance | undefined): boolean =>
  acceptance === undefined || (acceptance.kind !== 'accepted' && acceptance.problem.retryable);

const acceptOnce = (
  batch: BatchItem,
  members: readonly ReadMember[],
  accept: Accept,
): Promise<readonly Acceptance[]> =>
  accept(
    members.map((member) => ({
      body: withBatchDefaults(bodyOf(member), batch.defaults),
      door: 'batch' as const,
      provenTenant: batch.tenant,
      batch: { id: batch.batchId, index: member.index, total: batch.total },
      acceptedAtMs: batch.acceptedAtMs,
    })),
  );

/** Place of the first that found no room. Places are given out in order: all before it are done with. */
const firstOutside = (acceptances: readonly Acceptance[]): number =>
  acceptances.findIndex((one) => one.kind === 'refused' && one.problem.code === 'too_many_waiting');

/**
 * Holds them, or ends those that the settings of today refuse: all were promised an end. Answers with how many of
 * them, from the first on, are done with: all, unless the tenant has no room for more.
 */
const acceptAll = async (
  batch: BatchItem,
  members: readonly ReadMember[],
  accept: Accept,
  deps: SplitDeps,
): Promise<number> => {
  let left = members;
  const refused: Unheld[] = [];
  for (let tries = 0; left.length > 0; tries++) {
    if (tries === TRIES) throw new Error(`${left.length} members of ${batch.batchId} could not be held`);
    if (tries > 0) await deps.clock.sleep(FIRST_PAUSE_MS * 2 ** tries);
    const acceptances = await acceptOnce(batch, left, accept);
    const outside = firstOutside(acceptances);
    for (const [place, member] of left.entries()) {
      const acceptance = acceptances[place];
      if (acceptance?.kind === 'refused' && !isPassing(acceptance))
        refused.push({
          batch,
          index: member.index,
          body: bodyOf(member),
          ending: { status: 'failed', problem: acceptance.problem },
        });
    }
    left = left.filter((_, place) => isPassing(acceptances[place]));
    if (outside >= 0) break;
  }
  await endUnheldMembers(refused, deps);
  const [undone] = left;
  return undone === undefined ? members.length : members.indexOf(undone);
};

/** How the rest of a batch ends without being held, once it is canceled or the last of its deadlines has passed. */
const endingOf = (
  { cancelInitiatedAtMs, expiresAtMs }: BatchItem,
  nowMs: number,
): UnheldEnding | undefined => {
  if (cancelInitiatedAtMs !== undefined) return { status: 'canceled' };
  return nowMs >= expiresAtMs ? { status: 'expired' } : undefined;
};

const endAll = (
  batch: BatchItem,
  members: readonly ReadMember[],
  { ending, ...deps }: SplitDeps & { readonly ending: UnheldEnding },
): Promise<void> =>
  endUnheldMembers(
    members.map((member) => ({ batch, index: member.index, body: bodyOf(member), ending })),
    deps,
  );

const roomFor = (held: number, { tenant }: BatchItem, { settings }: SplitDeps): HoldOutcome =>
  held >= tenantSettingsOf(settings, tenant).max_waiting / 2 ? 'much_room' : 'little_room';

const whyNotSaved = async (batchId: string, { batches }: SplitDeps): Promise<HoldOutcome> => {
  const now = await batches.read(batchId);
  return now === undefined || isOver(now.status) ? 'over' : 'overtaken';
};

export async function* inChunks(
  members: AsyncIterable<ReadMember>,
  most: number,
): AsyncGenerator<readonly ReadMember[]> {
  let chunk: ReadMember[] = [];
  let startBytes: number | undefined;
  for await (const member of members) {
    chunk.push(member);
    startBytes ??= member.next.offsetBytes;
    const bytes = member.next.offsetBytes - startBytes;
    if (chunk.length < most && bytes < MOST_CHUNK_BYTES) continue;
    yield chunk;
    chunk = [];
    startBytes = undefined;
  }
  if (chunk.length > 0) yield chunk;
}

/** Brings the cursor behind those that are done with. The answer shows whether the batch was canceled meanwhile. */
const saveCursor = (
  { batchId }: BatchItem,
  last: ReadMember | undefined,
  { batches }: SplitDeps,
): Promise<BatchItem | undefined> =>
  batches.change(batchId, ['in_progress', 'canceling'], {
    ...(last === undefined ? {} : { cursor: last.next }),
    ttlSeconds: null,
  });

/**
 * Holds the requests of an accepted batch from its cursor on, as the doors would. A member's id comes from its
 * place, so that whatever a crash repeats is found to be there. Once the batch is canceled, or expires, the rest
 * ends so.
 */
export const holdMembers = async (
  accepted: BatchItem,
  isTimeShort: IsTimeShort,
  deps: SplitDeps,
): Promise<HoldOutcome> => {
  const accept = createAcceptRequests(deps);
  let batch = accepted;
  let held = 0;
  const members = readMembers(batch.input, batch.cursor, deps.objects);
  for await (const chunk of inChunks(members, deps.chunkMembers)) {
    if (isTimeShort()) return 'no_time';
    const ending = endingOf(batch, deps.clock.nowMs());
    if (ending !== undefined) await endAll(batch, chunk, { ...deps, ending });
    const done = ending !== undefined ? chunk.length : await acceptAll(batch, chunk, accept, deps);
    held += done;
    const saved = await saveCursor(batch, chunk[done - 1], deps);
    if (saved === undefined) return whyNotSaved(batch.batchId, deps);
    if (done < chunk.length) return roomFor(held, batch, deps);
    batch = saved;
  }
  return 'held';
};
