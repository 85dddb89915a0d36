import { limit } from '../../contract/limits.ts';
import { createProblem, type Fault, type Problem } from '../../contract/problem.ts';
import {
  DEFAULT_REDRIVES_PER_SECOND,
  type RedriveAnswer,
  type RedriveOrder,
  type RedriveRecord,
} from '../../contract/redrive.ts';
import { createRedriveId } from '../../core/request-id.ts';
import type { RedriveLog } from '../../ports/redrive-log.ts';
import { type WakeDeps, wakePools } from '../accept/wake-pools.ts';
import {
  type DeadPage,
  type DeadPosition,
  type FindDeps,
  type Found,
  findDeadLetters,
  kindOf,
  matches,
  toDeadCursor,
} from './find-dead-letters.ts';
import { parseRedriveOrder } from './parse-order.ts';
import { type Redriven, type RedriveOneDeps, type RedriveOptions, redriveOne } from './redrive-one.ts';
import { sweepLetters } from './sweep-letters.ts';

export interface RedriveDeps extends FindDeps, RedriveOneDeps, WakeDeps {
  readonly redrives: RedriveLog;
  readonly randomBytes: (count: number) => Uint8Array;
}

export type RedriveOutcome =
  | { readonly kind: 'done'; readonly answer: RedriveAnswer }
  | { readonly kind: 'faulty'; readonly faults: readonly Fault[] };

/** Half of what an answer over HTTP may take: what is left is for the next call. */
const MOST_MS = 15_000;
const SECOND_MS = 1000;

/** Those that an order names one by one. */
const findNamed = async (
  ids: readonly string[],
  { filter = {} }: RedriveOrder,
  deps: FindDeps,
): Promise<DeadPage> => {
  const items = await deps.requestReader.readMany([...new Set(ids)]);
  const context = { settings: deps.settings, nowMs: deps.clock.nowMs() };
  const found = [...items.values()].flatMap((item): readonly Found[] => {
    const kind = kindOf(item);
    const position = { requestId: item.requestId, atMs: 0 };
    return kind === undefined || !matches(item, filter, context)
      ? []
      : [{ item, kind, at: { pool: item.pool, position } }];
  });
  return { found, lookedAt: ids.length, next: undefined };
};

/** Of those that were named one by one, why nothing became of some. */
const leftOf = (ids: readonly string[], found: readonly Found[], done: number): readonly Problem[] => {
  const known = new Map(found.map(({ item }, index) => [item.requestId, index] as const));
  return [...new Set(ids)].flatMap((requestId): readonly Problem[] => {
    const index = known.get(requestId);
    if (index === undefined)
      return [createProblem('not_reopenable', { requestId, detail: 'It is no dead letter that matches.' })];
    const detail = 'There was no time for it; redrive it once more.';
    return index < done ? [] : [createProblem('temporarily_unavailable', { requestId, detail })];
  });
};

interface Done {
  readonly redriven: readonly Redriven[];
  /** The last that was dealt with, where time ran out before all were. */
  readonly stoppedAt: DeadPosition | undefined;
}

/** So many each second, and no longer than an answer may take. */
const redriveAll = async (
  found: readonly Found[],
  perSecond: number,
  options: RedriveOptions,
  deps: RedriveDeps,
): Promise<Done> => {
  const { clock } = deps;
  const beganAtMs = clock.monotonicMs();
  const redriven: Redriven[] = [];
  for (let start = 0; start < found.length; start += perSecond) {
    const waveAtMs = clock.monotonicMs();
    if (waveAtMs - beganAtMs > MOST_MS) return { redriven, stoppedAt: found[start - 1]?.at };
    const wave = await Promise.all(
      found.slice(start, start + perSecond).map((one) => redriveOne(one, options, deps)),
    );
    redriven.push(...wave);
    if (options.redriveId === undefined) continue;
    const opened = wave.flatMap((one) => (one.kind === 'fault' ? [] : [one.pool]));
    await wakePools([...new Set(opened)], deps);
    if (start + perSecond < found.length) await clock.sleep(waveAtMs + SECOND_MS - clock.monotonicMs());
  }
  return { redriven, stoppedAt: undefined };
};

const countOf = (redriven: readonly Redriven[], kind: Redriven['kind']): number =>
  redriven.filter((one) => one.kind === kind).length;

const toRecord = (
  order: RedriveOrder,
  { redriveId, by, atMs }: { readonly redriveId: string; readonly by: string; readonly atMs: number },
): RedriveRecord => ({
  redrive_id: redriveId,
  at: new Date(atMs).toISOString(),
  by,
  why: order.why,
  filter: order.filter ?? {},
  request_ids: order.request_ids ?? [],
  set: order.set ?? {},
  looked_at: 0,
  matched: 0,
  reopened: 0,
  sent_again: 0,
  faulty: 0,
  is_over: false,
});

/** Opens dead letters again that match, a page at a time. Nothing is done that is not in the list of redrives first. */
export const createRedrive =
  (deps: RedriveDeps) =>
  async (body: unknown, by: string): Promise<RedriveOutcome> => {
    const parsed = parseRedriveOrder(body, deps.settings);
    if (!parsed.ok) return { kind: 'faulty', faults: parsed.faults };
    const { order, after } = parsed;
    const { filter = {}, set = {}, request_ids: ids, per_second = DEFAULT_REDRIVES_PER_SECOND } = order;
    const atMs = deps.clock.nowMs();
    const redriveId = order.dry_run === true ? undefined : createRedriveId(atMs, deps.randomBytes);
    const record = redriveId === undefined ? undefined : toRecord(order, { redriveId, by, atMs });
    if (record !== undefined) await deps.redrives.keep(record);
    const page =
      ids === undefined
        ? await findDeadLetters({ filter, limit: order.limit ?? limit('redrive_entries'), after }, deps)
        : await findNamed(ids, order, deps);
    const { redriven, stoppedAt } = await redriveAll(page.found, per_second, { set, redriveId }, deps);
    const next = stoppedAt ?? page.next;
    const counts = {
      looked_at: page.lookedAt,
      matched: redriven.length,
      reopened: countOf(redriven, 'reopened'),
      sent_again: countOf(redriven, 'sent_again'),
    };
    const faults = [
      ...redriven.flatMap((one) => (one.kind === 'fault' ? [one.problem] : [])),
      ...leftOf(ids ?? [], page.found, redriven.length),
    ];
    if (record !== undefined)
      await deps.redrives.keep({ ...record, ...counts, faulty: faults.length, is_over: true });
    const letters_removed = redriveId === undefined ? 0 : await sweepAll(page.found, deps);
    return {
      kind: 'done',
      answer: {
        redrive_id: redriveId ?? null,
        dry_run: redriveId === undefined,
        operator: by,
        ...counts,
        faults,
        letters_removed,
        next_cursor: next === undefined || ids !== undefined ? null : toDeadCursor(next),
      },
    };
  };

/** Of the pools in which they died. */
const sweepAll = async (found: readonly Found[], deps: RedriveDeps): Promise<number> => {
  const pools = [...new Set(found.map(({ at }) => at.pool))];
  const removed = await Promise.all(pools.map((pool) => sweepLetters(pool, deps)));
  return removed.reduce((total, count) => total + count, 0);
};
