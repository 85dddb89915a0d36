import type { BatchItem, BatchMember } from '../contract/batch-item.ts';
import { PRIORITIES, type Priority } from '../contract/priorities.ts';
import { createProblem, type Problem } from '../contract/problem.ts';
import type { Result } from '../contract/request.ts';
import type { RequestItem } from '../contract/request-item.ts';
import type { Settings } from '../contract/settings.ts';
import { callbackFaults } from './envelope-rules.ts';
import { findPool } from './pool-names.ts';
import { deriveRequestId } from './request-id.ts';
import { toResultWithoutText } from './to-view.ts';

/** A request of an accepted batch that never gets to a lane. */
export interface Unheld {
  readonly batch: BatchItem;
  readonly index: number;
  readonly body: unknown;
  readonly ending: UnheldEnding;
}

/** With its batch, or for what it can not be run. */
export type UnheldEnding =
  | { readonly status: 'canceled' | 'expired' }
  | { readonly status: 'failed'; readonly problem: Problem };

export interface EndedUnheld {
  /** As it would have waited. */
  readonly item: RequestItem;
  readonly status: UnheldEnding['status'];
  readonly result: Result;
}

const textAt = (body: unknown, field: string): string | undefined => {
  const value = (body as Readonly<Record<string, unknown>> | null)?.[field];
  return typeof value === 'string' ? value : undefined;
};

const metadataOf = (body: unknown): Record<string, string> =>
  (body as { readonly metadata?: Record<string, string> } | null)?.metadata ?? {};

const priorityOf = (text: string | undefined): Priority | undefined =>
  PRIORITIES.find((priority) => priority === text);

/** Its batch was accepted, so its text was looked at; the settings may have changed since. */
const callbackOf = (body: unknown, settings: Settings): Pick<RequestItem, 'callbackUrl'> => {
  const callbackUrl = textAt(body, 'callback_url');
  return callbackUrl === undefined || callbackFaults(callbackUrl, settings).length > 0 ? {} : { callbackUrl };
};

const itemOf = ({ batch, index, body }: Unheld, settings: Settings): RequestItem => {
  const model = textAt(body, 'model') ?? batch.defaults.model;
  const member: BatchMember = { id: batch.batchId, index, total: batch.total };
  return {
    requestId: deriveRequestId({ kind: 'member', batchId: batch.batchId, index }),
    customId: textAt(body, 'custom_id') ?? null,
    tenant: batch.tenant,
    // The pool may be what is missing: then the name that was asked for stands for it.
    pool: findPool(settings, model)?.name ?? model ?? '',
    priority: priorityOf(textAt(body, 'priority')) ?? batch.defaults.priority ?? 'normal',
    status: 'queued',
    fingerprint: '',
    acceptedAtMs: batch.acceptedAtMs,
    expiresAtMs: batch.expiresAtMs,
    batch: member,
    ...callbackOf(body, settings),
    claims: 0,
    attempts: 0,
    serviceFaults: 0,
    crashes: 0,
    suspectCrashes: 0,
    attemptLog: [],
  };
};

const endedAtOf = ({ batch, ending }: Unheld): number => {
  if (ending.status === 'expired') return batch.expiresAtMs;
  return ending.status === 'canceled'
    ? (batch.cancelInitiatedAtMs ?? batch.acceptedAtMs)
    : batch.acceptedAtMs;
};

const problemOf = (ending: UnheldEnding): Problem => {
  if (ending.status === 'failed') return ending.problem;
  return createProblem(ending.status === 'expired' ? 'deadline_passed' : 'canceled');
};

/** How such a request ends. Made only from what the batch tells, so that a repeat comes to the very same. */
export const endUnheld = (
  unheld: Unheld,
  { settings, region }: { readonly settings: Settings; readonly region: string },
): EndedUnheld => {
  const { status } = unheld.ending;
  const item = itemOf(unheld, settings);
  const endedAtMs = endedAtOf(unheld);
  const error = problemOf(unheld.ending);
  const ended: RequestItem = { ...item, status, finishedAtMs: endedAtMs, errorCode: error.code };
  const modelId = settings.models[item.pool]?.model_id ?? item.pool;
  const result = toResultWithoutText(ended, { modelId, region, nowMs: endedAtMs });
  return {
    item,
    status,
    result: { ...result, metadata: metadataOf(unheld.body), error: { ...error, request_id: item.requestId } },
  };
};
