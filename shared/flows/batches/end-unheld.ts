import type { EndedMember } from '../../contract/batch-item.ts';
import { segmentKey } from '../../contract/keys.ts';
import { limit } from '../../contract/limits.ts';
import { QUEUES } from '../../contract/names.ts';
import type { ResultPointer } from '../../contract/request-item.ts';
import { buildSegment, toNotificationBody } from '../../core/build-segment.ts';
import { type EndedUnheld, endUnheld, type Unheld } from '../../core/unheld-member.ts';
import { countEndedMembers } from './count-members.ts';
import type { SplitDeps } from './split-deps.ts';

const DAY_SECONDS = 86_400;

/** Folder of results that no pool made. */
const NO_POOL = 'batches';

/** Writes down how one ended, unless a drain has it in hand or it has ended before. Whether this end is its end. */
const finish = async (ended: EndedUnheld, pointer: ResultPointer, deps: SplitDeps): Promise<boolean> => {
  const { item, result } = ended;
  const creation = await deps.requests.create(item);
  // Held before a crash that lost the cursor: if it runs, it ends as its drain says.
  if (creation.kind === 'exists' && creation.item.status === 'running') return false;
  const finishedAtMs = Date.parse(result.finished_at);
  const outcome = await deps.requests.finish({
    requestId: item.requestId,
    status: result.status === 'canceled' ? 'canceled' : 'failed',
    attempts: 0,
    attemptLog: [],
    finishedAtMs,
    ttlSeconds: Math.floor(finishedAtMs / 1000) + limit('result_retention_days') * DAY_SECONDS,
    result: pointer,
    usage: null,
    costUsd: null,
    errorCode: result.error?.code,
  });
  return outcome === 'finished';
};

const toEndedMember = ({ item, result }: EndedUnheld): readonly EndedMember[] =>
  item.batch === undefined
    ? []
    : [
        {
          batch: item.batch,
          status: result.status === 'canceled' ? 'canceled' : 'failed',
          usage: null,
          costUsd: null,
        },
      ];

/**
 * Ends requests of a batch that get to no lane: with a result, a state item, a notification and a count, in the
 * order in which a drain does. The same requests again give the same segment, so that a repeat changes nothing.
 */
export const endUnheldMembers = async (unheld: readonly Unheld[], deps: SplitDeps): Promise<void> => {
  const [first] = unheld;
  if (first === undefined) return;
  const ended = unheld.map((one) => endUnheld(one, deps));
  const segment = `${first.batch.batchId}-${first.index}`;
  const atMs = first.batch.acceptedAtMs;
  const built = buildSegment(
    ended.map(({ result }) => result),
    (requestId) => segmentKey(NO_POOL, atMs, requestId === undefined ? segment : `${segment}-${requestId}`),
  );
  for (const { key, body } of built.objects) await deps.objects.put(key, body, 'application/x-ndjson');
  const finished = await Promise.all(
    ended.map(async (one, place) => {
      const pointer = built.pointers[place];
      return pointer !== undefined && (await finish(one, pointer, deps));
    }),
  );
  const own = ended.filter((_, place) => finished[place]);
  const bodies = own.map(({ result }) => ({ body: toNotificationBody(result), groupId: result.tenant }));
  const untold = await deps.queues.send(QUEUES.results, bodies);
  const uncounted = await countEndedMembers(own.flatMap(toEndedMember), deps);
  if (untold.size + uncounted.size > 0)
    throw new Error(
      `of ${own.length} members ${untold.size} could not be told and ${uncounted.size} not counted`,
    );
};
