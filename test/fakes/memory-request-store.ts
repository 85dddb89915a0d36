import { generationOf, type RequestItem } from '../../shared/contract/request-item.ts';
import { isTerminal } from '../../shared/contract/statuses.ts';
import { toReopened } from '../../shared/core/dead-letter-reopening.ts';
import { decideClaim } from '../../shared/core/decide-claim.ts';
import type { RequestReader } from '../../shared/ports/request-reader.ts';
import type { RequestReopener } from '../../shared/ports/request-reopener.ts';
import type { CancelOutcome, Finish, FinishOutcome, RequestStore } from '../../shared/ports/request-store.ts';

export interface MemoryRequestStore extends RequestStore, RequestReader, RequestReopener {
  all(): readonly RequestItem[];
  /** As if time to live had removed it. */
  forget(requestId: string): void;
  /** Puts an item in whatever state a test needs. */
  put(item: RequestItem): void;
}

/** Another owner, whose attempt is in the journal already. */
const hasClaimedSince = ({ epoch }: RequestItem, finish: Finish): boolean =>
  finish.epoch !== undefined && epoch !== undefined && epoch !== finish.epoch;

const finishItem = (item: RequestItem, finish: Finish): RequestItem => {
  const { attemptUntilMs: _, ...rest } = item;
  const journal = hasClaimedSince(item, finish) ? item : finish;
  return {
    ...rest,
    status: finish.status,
    attempts: journal.attempts,
    attemptLog: journal.attemptLog,
    ...(finish.calledAtMs === undefined ? {} : { calledAtMs: finish.calledAtMs }),
    finishedAtMs: finish.finishedAtMs,
    ttlSeconds: finish.ttlSeconds,
    result: finish.result,
    ...(finish.usage === null ? {} : { usage: finish.usage }),
    ...(finish.costUsd === null ? {} : { costUsd: finish.costUsd }),
    ...(finish.errorCode === undefined ? {} : { errorCode: finish.errorCode }),
  };
};

const isSameResult = ({ result, earlier = [] }: RequestItem, finish: Finish): boolean =>
  [{ result }, ...earlier].some(
    (end) => end.result?.key === finish.result.key && end.result.offsetBytes === finish.result.offsetBytes,
  );

export const createMemoryRequestStore = (): MemoryRequestStore => {
  const items = new Map<string, RequestItem>();
  return {
    create: async (item) => {
      const existing = items.get(item.requestId);
      if (existing !== undefined) return { kind: 'exists', item: existing };
      items.set(item.requestId, item);
      return { kind: 'created' };
    },
    read: async (requestId) => items.get(requestId),
    readMany: async (requestIds) =>
      new Map(
        requestIds.flatMap((requestId) => {
          const item = items.get(requestId);
          return item === undefined ? [] : [[requestId, item] as const];
        }),
      ),
    claim: async (requestId, claim) => {
      const item = items.get(requestId);
      if (item === undefined) return { kind: 'missing' };
      const decision = decideClaim(item, claim);
      if (decision.kind === 'busy' || decision.kind === 'suspect' || decision.kind === 'superseded')
        return decision;
      if (decision.kind !== 'claim') return { kind: decision.kind, item };
      const claimed: RequestItem = {
        ...item,
        status: 'running',
        claims: item.claims + 1,
        attempts: decision.attempts,
        serviceFaults: decision.serviceFaults,
        crashes: decision.crashes,
        suspectCrashes: decision.suspectCrashes,
        attemptLog: decision.attemptLog,
        epoch: claim.epoch,
        attemptUntilMs: claim.attemptUntilMs,
      };
      items.set(requestId, claimed);
      return { kind: 'claimed', item: claimed };
    },
    putBack: async (requestId, epoch, { claims, attempts, serviceFaults, attemptLog }) => {
      const item = items.get(requestId);
      if (item?.status !== 'running' || item.epoch !== epoch || item.claims !== claims) return;
      items.set(requestId, { ...item, status: 'queued', attempts, serviceFaults, attemptLog });
    },
    finish: async (finish): Promise<FinishOutcome> => {
      const item = items.get(finish.requestId);
      if (item === undefined) return 'missing';
      if (isSameResult(item, finish)) return 'finished';
      if (generationOf(item) !== generationOf(finish)) return 'superseded';
      if (isTerminal(item.status)) return 'already_finished';
      items.set(finish.requestId, finishItem(item, finish));
      return 'finished';
    },
    cancel: async (finish): Promise<CancelOutcome> => {
      const item = items.get(finish.requestId);
      if (item === undefined) return 'missing';
      if (isSameResult(item, finish)) return 'canceled';
      if (isTerminal(item.status)) return 'ended';
      if (item.status === 'running' || generationOf(item) !== generationOf(finish)) return 'running';
      items.set(finish.requestId, finishItem(item, finish));
      return 'canceled';
    },
    reopen: async (reopening) => {
      const { seen, textId } = reopening;
      const item = items.get(seen.requestId);
      if (item?.textId === textId) return item;
      const isAsSeen =
        item?.status === 'failed' && item.claims === seen.claims && generationOf(item) === generationOf(seen);
      if (!isAsSeen) return undefined;
      const reopened = toReopened(reopening);
      items.set(seen.requestId, reopened);
      return reopened;
    },
    all: () => [...items.values()],
    forget: (requestId) => {
      items.delete(requestId);
    },
    put: (item) => {
      items.set(item.requestId, item);
    },
  };
};
