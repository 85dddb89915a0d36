import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { customKeyOf } from '../contract/request-indexes.ts';
import { generationOf, type RequestItem } from '../contract/request-item.ts';
import { isTerminal, type Status } from '../contract/statuses.ts';
import { type AttemptRecord, type Claim, decideClaim } from '../core/decide-claim.ts';
import { statesBefore } from '../core/lifecycle.ts';
import type { ClaimOutcome, Finish, RequestStore } from '../ports/request-store.ts';
import { conditionally } from './conditional-write.ts';
import { getItem, putItem, updateItem } from './dynamo-items.ts';
import {
  fromStoredRequest,
  type StoredRequest,
  toStoredAttempts,
  toStoredRequest,
} from './request-item-codec.ts';

export interface DynamoRequestStoreOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
  /** Whether each new request goes into the indexes of all requests. */
  readonly indexed?: boolean;
}

/** Somebody else wrote between our read and our write: the decision is taken again, a few times. */
const CLAIM_TRIES = 4;

/** What a claim expects to find: a request nobody has claimed yet, or the very version that was read. */
interface Expected {
  readonly status: RequestItem['status'];
  readonly claims: number;
}

const NEVER_CLAIMED: Expected = { status: 'queued', claims: 0 };

/** What puts a request into the indexes of all requests. */
const listedAttributes = ({ tenant, customId, acceptedAtMs }: RequestItem) => ({
  listed_at_ms: acceptedAtMs,
  ...(customId === null ? {} : { custom_key: customKeyOf(tenant, customId) }),
});

/** What puts a request into the index of those that need attention. */
const attentionAttributes = ({ status, finishedAtMs }: Finish) =>
  status === 'failed' || status === 'expired' ? { attention_at_ms: finishedAtMs } : {};

/** What puts it among the dead letters of its pool. */
const deadLetterAttributes = ({ deadLetterPool, finishedAtMs }: Finish) =>
  deadLetterPool === undefined ? {} : { dead_letter_pool: deadLetterPool, dead_at_ms: finishedAtMs };

/** What was reopened is listed until it ends. */
const removedAtEnd = (finish: Finish): string =>
  generationOf(finish) > 0 && finish.deadLetterPool === undefined
    ? 'attempt_until_ms, dead_letter_pool, dead_at_ms'
    : 'attempt_until_ms';

const isOfGeneration = (generation: number): string =>
  generation === 0 ? 'attribute_not_exists(#generation)' : '#generation = :generation';

const finishValues = (finish: Finish): Readonly<Record<string, unknown>> => ({
  status: finish.status,
  attempts: finish.attempts,
  attempt_log: toStoredAttempts(finish.attemptLog),
  ...(finish.calledAtMs === undefined ? {} : { called_at_ms: finish.calledAtMs }),
  finished_at_ms: finish.finishedAtMs,
  ...attentionAttributes(finish),
  ...deadLetterAttributes(finish),
  ttl_seconds: finish.ttlSeconds,
  result_key: finish.result.key,
  result_offset: finish.result.offsetBytes,
  result_length: finish.result.lengthBytes,
  ...(finish.usage === null ? {} : { usage: finish.usage }),
  ...(finish.costUsd === null ? {} : { cost_usd: finish.costUsd }),
  ...(finish.errorCode === undefined ? {} : { error_code: finish.errorCode }),
});

/** `SET #a = :a, …` with its names and values. */
const setAll = (values: Readonly<Record<string, unknown>>) => {
  const names = Object.keys(values);
  return {
    expression: `SET ${names.map((name) => `#${name} = :${name}`).join(', ')}`,
    names: Object.fromEntries(names.map((name) => [`#${name}`, name])),
    values: Object.fromEntries(names.map((name) => [`:${name}`, values[name]])),
  };
};

/** Also of a life before it was reopened. */
const isResultOf = ({ result, earlier = [] }: RequestItem, { result: own }: Finish): boolean =>
  [{ result }, ...earlier].some(
    (end) => end.result?.key === own.key && end.result.offsetBytes === own.offsetBytes,
  );

const BEFORE_END = statesBefore('succeeded')
  .concat('queued')
  .filter((status, index, all) => all.indexOf(status) === index);

export const createDynamoRequestStore = ({
  client,
  table,
  indexed = false,
}: DynamoRequestStoreOptions): RequestStore => {
  const read = async (requestId: string): Promise<RequestItem | undefined> => {
    const { Item } = await getItem(client, {
      TableName: table,
      Key: { request_id: requestId },
      ConsistentRead: true,
    });
    return Item === undefined ? undefined : fromStoredRequest(Item as StoredRequest);
  };

  const writeClaim = async (
    requestId: string,
    claim: Claim,
    expected: Expected,
    record: AttemptRecord,
  ): Promise<RequestItem | undefined> => {
    const set = setAll({
      status: 'running',
      claims: expected.claims + 1,
      attempts: record.attempts,
      service_faults: record.serviceFaults,
      ...(record.crashes === 0 ? {} : { crashes: record.crashes }),
      ...(record.suspectCrashes === 0 ? {} : { suspect_crashes: record.suspectCrashes }),
      attempt_log: toStoredAttempts(record.attemptLog),
      epoch: claim.epoch,
      attempt_until_ms: claim.attemptUntilMs,
    });
    const written = await conditionally(
      updateItem(client, {
        TableName: table,
        Key: { request_id: requestId },
        UpdateExpression: set.expression,
        ConditionExpression: '#status = :seen_status AND #claims = :seen_claims AND #expires_at_ms > :now_ms',
        ExpressionAttributeNames: { ...set.names, '#expires_at_ms': 'expires_at_ms' },
        ExpressionAttributeValues: {
          ...set.values,
          ':seen_status': expected.status,
          ':seen_claims': expected.claims,
          ':now_ms': claim.nowMs,
        },
        ReturnValues: 'ALL_NEW',
      }),
    );
    return written === undefined ? undefined : fromStoredRequest(written.Attributes as StoredRequest);
  };

  /** Most requests are claimed once: one write, no read. */
  const claimFirst = (requestId: string, claim: Claim): Promise<RequestItem | undefined> =>
    writeClaim(requestId, claim, NEVER_CLAIMED, {
      attempts: 1,
      serviceFaults: 0,
      crashes: 0,
      suspectCrashes: 0,
      attemptLog: [
        {
          epoch: claim.epoch,
          startedAtMs: claim.nowMs,
          ...(claim.target === undefined ? {} : { target: claim.target }),
        },
      ],
    });

  const claimAsSeen = async (requestId: string, claim: Claim): Promise<ClaimOutcome | 'raced'> => {
    const item = await read(requestId);
    if (item === undefined) return { kind: 'missing' };
    const decision = decideClaim(item, claim);
    if (decision.kind === 'busy' || decision.kind === 'suspect' || decision.kind === 'superseded')
      return decision;
    if (decision.kind !== 'claim') return { kind: decision.kind, item };
    const claimed = await writeClaim(requestId, claim, item, decision);
    return claimed === undefined ? 'raced' : { kind: 'claimed', item: claimed };
  };

  const writeEnd = async (
    finish: Finish,
    from: readonly Status[],
    journal: 'as_told' | 'as_stored' = 'as_told',
  ): Promise<boolean> => {
    const { attempts, attempt_log, ...others } = finishValues(finish);
    const isToldByOwner = journal === 'as_told' && finish.epoch !== undefined;
    const set = setAll(journal === 'as_told' ? { ...others, attempts, attempt_log } : others);
    const isBefore = `#status IN (${from.map((_, index) => `:before_${index}`).join(', ')})`;
    const isOwn = '(attribute_not_exists(epoch) OR epoch = :own_epoch)';
    const generation = generationOf(finish);
    const written = await conditionally(
      updateItem(client, {
        TableName: table,
        Key: { request_id: finish.requestId },
        UpdateExpression: `${set.expression} REMOVE ${removedAtEnd(finish)}`,
        ConditionExpression: [isBefore, isOfGeneration(generation), ...(isToldByOwner ? [isOwn] : [])].join(
          ' AND ',
        ),
        ExpressionAttributeNames: { ...set.names, '#generation': 'generation' },
        ExpressionAttributeValues: {
          ...(generation === 0 ? {} : { ':generation': generation }),
          ...set.values,
          ...Object.fromEntries(from.map((status, index) => [`:before_${index}`, status])),
          ...(isToldByOwner ? { ':own_epoch': finish.epoch } : {}),
        },
      }),
    );
    return written !== undefined;
  };

  return {
    create: async (item) => {
      for (;;) {
        const created = await conditionally(
          putItem(client, {
            TableName: table,
            Item: { ...toStoredRequest(item), ...(indexed ? listedAttributes(item) : {}) },
            ConditionExpression: 'attribute_not_exists(request_id)',
          }),
        );
        if (created !== undefined) return { kind: 'created' };
        const existing = await read(item.requestId);
        // It may have been removed, as past its retention, between the two.
        if (existing !== undefined) return { kind: 'exists', item: existing };
      }
    },
    read,
    claim: async (requestId, claim) => {
      // A claim of 0 is of what was never reopened: reopening counts as one.
      const first = generationOf(claim) === 0 ? await claimFirst(requestId, claim) : undefined;
      if (first !== undefined) return { kind: 'claimed', item: first };
      for (let tries = 1; tries < CLAIM_TRIES; tries++) {
        const outcome = await claimAsSeen(requestId, claim);
        if (outcome !== 'raced') return outcome;
      }
      return { kind: 'busy', untilMs: claim.nowMs };
    },
    putBack: async (requestId, epoch, { claims, attempts, serviceFaults, attemptLog }) => {
      const set = setAll({
        status: 'queued',
        attempts,
        service_faults: serviceFaults,
        attempt_log: toStoredAttempts(attemptLog),
      });
      await conditionally(
        updateItem(client, {
          TableName: table,
          Key: { request_id: requestId },
          UpdateExpression: set.expression,
          ConditionExpression: '#status = :running AND epoch = :epoch AND claims = :claims',
          ExpressionAttributeNames: set.names,
          ExpressionAttributeValues: {
            ...set.values,
            ':running': 'running',
            ':epoch': epoch,
            ':claims': claims,
          },
        }),
      );
    },
    finish: async (finish) => {
      if (await writeEnd(finish, BEFORE_END)) return 'finished';
      // Another owner may have claimed it since: then its attempt stays in the journal beside ours.
      if (await writeEnd(finish, BEFORE_END, 'as_stored')) return 'finished';
      const found = await read(finish.requestId);
      if (found === undefined) return 'missing';
      // An answer that was lost is asked for again, by the client or by us: that write has won all the same.
      if (isResultOf(found, finish)) return 'finished';
      return generationOf(found) === generationOf(finish) ? 'already_finished' : 'superseded';
    },
    cancel: async (finish) => {
      if (await writeEnd(finish, ['queued'])) return 'canceled';
      const found = await read(finish.requestId);
      if (found === undefined) return 'missing';
      if (isResultOf(found, finish)) return 'canceled';
      return isTerminal(found.status) ? 'ended' : 'running';
    },
  };
};
