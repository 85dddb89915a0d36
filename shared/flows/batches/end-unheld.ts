import type { BatchItem, EndedMember } from '../../contract/batch-item.ts';
import { segmentKey } from '../../contract/keys.ts';
import { limit } from '../../contract/limits.ts';
import type { RequestItem, ResultPointer } from '../../contract/request-item.ts';
import { buildSegment } from '../../core/build-segment.ts';
import { groupBy } from '../../core/group-by.ts';
import { type EndedUnheld, endUnheld, type Unheld } from '../../core/unheld-member.ts';
import { repeatNotification } from '../drain/repeat-notification.ts';
import { tellEnds } from '../events/tell-ends.ts';
import { countEndedMembers } from './count-members.ts';
import type { SplitDeps } from './split-deps.ts';

const DAY_SECONDS = 86_400;

/** Folder of results that no pool made. */
const NO_POOL = 'batches';

/** What became of one: this end is its end; it had ended otherwise; or a drain runs it, and tells how it ends. */
type Written =
  | { readonly kind: 'own'; readonly ended: EndedUnheld; readonly waited: RequestItem | undefined }
  | { readonly kind: 'other'; readonly ended: EndedUnheld; readonly item: RequestItem }
  | { readonly kind: 'running' };

/** Held by a door before a crash that lost the cursor: its tenant has one more that waits. */
const waitedIn = (item: RequestItem): RequestItem | undefined =>
  item.status === 'queued' && item.fingerprint !== '' ? item : undefined;

const write = async (ended: EndedUnheld, pointer: ResultPointer, deps: SplitDeps): Promise<Written> => {
  const { item, result, status } = ended;
  const creation = await deps.requests.create(item);
  const finishedAtMs = Date.parse(result.finished_at);
  const outcome = await deps.requests.cancel({
    requestId: item.requestId,
    status,
    attempts: 0,
    attemptLog: [],
    finishedAtMs,
    ttlSeconds: Math.floor(finishedAtMs / 1000) + limit('result_retention_days') * DAY_SECONDS,
    result: pointer,
    usage: null,
    costUsd: null,
    errorCode: result.error?.code,
  });
  if (outcome === 'canceled')
    return { kind: 'own', ended, waited: creation.kind === 'exists' ? waitedIn(creation.item) : undefined };
  const now = outcome === 'ended' ? await deps.requests.read(item.requestId) : undefined;
  return now === undefined ? { kind: 'running' } : { kind: 'other', ended, item: now };
};

const toEndedMember = ({ item, status }: EndedUnheld): readonly EndedMember[] =>
  item.batch === undefined ? [] : [{ batch: item.batch, status, usage: null, costUsd: null }];

/** Into the bucket. The same requests again, to the same end, give the same segment: a repeat changes nothing. */
const storeSegment = async (
  { batch, segment }: { readonly batch: BatchItem; readonly segment: string },
  ended: readonly EndedUnheld[],
  deps: SplitDeps,
): Promise<readonly ResultPointer[]> => {
  const built = buildSegment(
    ended.map(({ result }) => result),
    (requestId) =>
      segmentKey(NO_POOL, batch.acceptedAtMs, requestId === undefined ? segment : `${segment}-${requestId}`),
  );
  for (const { key, body } of built.objects) await deps.objects.put(key, body, 'application/x-ndjson');
  return built.pointers;
};

/** Whoever wrote that end may have died before it was told or counted. How many could not be told or counted now. */
const repeatOthers = async (written: readonly Written[], deps: SplitDeps): Promise<number> => {
  const repeated = await Promise.all(
    written.map((one) =>
      one.kind === 'other' ? repeatNotification(one.item, one.ended.result.metadata, deps) : true,
    ),
  );
  return repeated.filter((isTold) => !isTold).length;
};

/** Advice, so that a count that is lost is no trouble. */
const countDown = async (waited: readonly RequestItem[], deps: SplitDeps): Promise<void> => {
  for (const [pool, items] of groupBy(waited, (item) => item.pool)) {
    const tenant = items[0]?.tenant ?? '';
    try {
      await deps.tenants.addWaiting(pool, tenant, -items.length);
    } catch (error) {
      deps.telemetry.log('warn', 'waiting_not_counted', { pool, tenant, error: String(error) });
    }
  }
};

/**
 * Ends requests of a batch that get to no lane, all to the same kind of end: with a result, a state item, a
 * notification and a count, in the order in which a drain does. What has ended otherwise is told and counted as it
 * ended. `part` tells their segment from others that begin with the same request.
 */
export const endUnheldMembers = async (
  unheld: readonly Unheld[],
  deps: SplitDeps,
  part = '',
): Promise<void> => {
  const [first] = unheld;
  if (first === undefined) return;
  const { batch, index, ending } = first;
  const ended = unheld.map((one) => endUnheld(one, deps));
  const segment = `${batch.batchId}-${index}-${ending.status}${part}`;
  const pointers = await storeSegment({ batch, segment }, ended, deps);
  const written = await Promise.all(
    ended.flatMap((one, place) => {
      const pointer = pointers[place];
      return pointer === undefined ? [] : [write(one, pointer, deps)];
    }),
  );
  const own = written.flatMap((one) => (one.kind === 'own' ? [one] : []));
  const untold = await tellEnds(
    own.map(({ ended: { result, item } }) => ({ result, callbackUrl: item.callbackUrl })),
    deps,
  );
  const uncounted = await countEndedMembers(
    own.flatMap((one) => toEndedMember(one.ended)),
    deps,
  );
  await countDown(
    own.flatMap(({ waited }) => waited ?? []),
    deps,
  );
  const unrepeated = await repeatOthers(written, deps);
  if (untold.size + uncounted.size + unrepeated > 0)
    throw new Error(
      `of ${unheld.length} members ${untold.size + unrepeated} could not be told and ${uncounted.size} not counted`,
    );
};
