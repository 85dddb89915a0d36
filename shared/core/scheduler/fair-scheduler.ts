import { PRIORITIES, type Priority } from '../../contract/priorities.ts';
import type { SchedulerSnapshot } from '../governor/governor.ts';
import { type ClassQueue, createClassQueue } from './class-queue.ts';
import { createGuaranteedShares } from './guaranteed-shares.ts';
import { createOvertaking } from './overtaking.ts';
import { saveCounters } from './save-counters.ts';
import type { Fits, Picked, Schedulable, Scheduler } from './scheduler.ts';
import type { SizeLanes } from './size-lanes.ts';
import type { RequestShape, WaitingEntry } from './waiting-entry.ts';

export interface FairSchedulerOptions<R> {
  readonly shapeOf: (request: R) => RequestShape;
  /** 1 where nothing else is said: twice the weight, twice the tokens. */
  readonly weights?: Readonly<Record<string, number>>;
  /** Only where requests and tokens a minute are both limited. */
  readonly sizeLanes?: SizeLanes | undefined;
  readonly snapshot?: SchedulerSnapshot | undefined;
}

/** A request, and the class in whose name it is asked for. */
interface Candidate<R> {
  readonly entry: WaitingEntry<R>;
  readonly as: Priority;
}

interface Charge {
  readonly priority: Priority;
  readonly tenant: string;
  readonly tokens: number;
}

/**
 * Strict classes with guaranteed shares for the lower ones; fair by tokens inside a class; within a tenant's requests
 * earliest deadline first. What does not fit now may be passed by a bounded amount. `docs/governor.md` says more.
 */
export const createFairScheduler = <R extends Schedulable>(
  options: FairSchedulerOptions<R>,
): Scheduler<R> => {
  const { shapeOf, weights = {}, sizeLanes, snapshot = {} } = options;
  const weightOf = (tenant: string): number => (Object.hasOwn(weights, tenant) ? (weights[tenant] ?? 1) : 1);
  const openClass = (priority: Priority): ClassQueue<R> =>
    createClassQueue({ weightOf, sizeLanes, saved: snapshot[priority] });
  const classes: Record<Priority, ClassQueue<R>> = {
    high: openClass('high'),
    normal: openClass('normal'),
    low: openClass('low'),
  };
  const shares = createGuaranteedShares();
  const overtaking = createOvertaking<R>();
  const paused = new Set<Priority>();
  const entries = new Map<R, WaitingEntry<R>>();
  const charges = new WeakMap<R, Charge>();
  let last: { readonly head: R; readonly chosen: R } | undefined;
  let arrivals = 0;
  let atMs = 0;

  const headOf = (priority: Priority, nowMs: number): WaitingEntry<R> | undefined =>
    paused.has(priority) ? undefined : classes[priority].head(nowMs);

  const enter = (request: R): WaitingEntry<R> => {
    arrivals += 1;
    const { priority } = request;
    const entry = { request, priority, shape: shapeOf(request), order: arrivals, isGone: false };
    entries.set(request, entry);
    return entry;
  };

  const leave = (request: R): WaitingEntry<R> | undefined => {
    const entry = entries.get(request);
    if (entry === undefined) return undefined;
    entries.delete(request);
    classes[entry.priority].gone(entry, atMs);
    return entry;
  };

  /** Ended, or never to run: the tenant's counter is set right. */
  const settle = (request: R, tokens: number): void => {
    const charged = charges.get(request);
    if (charged === undefined) return;
    charges.delete(request);
    classes[charged.priority].charge(charged.tenant, tokens - charged.tokens);
  };

  const charge = (request: R, { priority, shape }: WaitingEntry<R>): void => {
    charges.set(request, { priority, tenant: shape.tenant, tokens: shape.costTokens });
    classes[priority].charge(shape.tenant, shape.costTokens);
    shares.served(priority, shape.costTokens, (name) => classes[name].size() > 0);
  };

  /** Heads of the classes: what has earned its share first, in the name of the most urgent that waits. */
  const inOrder = (nowMs: number): readonly Candidate<R>[] => {
    const heads = PRIORITIES.flatMap((priority) => headOf(priority, nowMs) ?? []);
    const urgent = heads[0]?.priority;
    if (urgent === undefined) return [];
    const due = heads.filter(
      ({ priority, shape }) => priority !== urgent && shares.isDue(priority, shape.costTokens),
    );
    return [
      ...due.map((entry) => ({ entry, as: urgent })),
      ...heads.filter((entry) => !due.includes(entry)).map((entry) => ({ entry, as: entry.priority })),
    ];
  };

  /** In place of a head that does not fit: what it went before, and others of the most urgent class. */
  const inPlaceOf = (
    head: Candidate<R>,
    order: readonly Candidate<R>[],
    nowMs: number,
  ): readonly Candidate<R>[] => {
    const others = (as: Priority): readonly Candidate<R>[] =>
      classes[as].others(nowMs).map((entry) => ({ entry, as }));
    const candidates = [...order.filter(({ entry }) => entry.priority === head.as), ...others(head.as)];
    return candidates.filter(
      ({ entry }) =>
        entry !== head.entry &&
        overtaking.mayPass(head.entry.request, head.entry.shape.costTokens, entry.shape.costTokens),
    );
  };

  const toPicked = (
    { entry, as }: Candidate<R>,
    head: WaitingEntry<R>,
    permission: Picked<R>['permission'],
  ): Picked<R> => {
    last = { head: head.request, chosen: entry.request };
    return { request: entry.request, as, permission };
  };

  const pick = (nowMs: number, fits: Fits<R>): Picked<R> | undefined => {
    atMs = nowMs;
    const order = inOrder(nowMs);
    const [head] = order;
    if (head === undefined) return undefined;
    const permission = fits(head.entry.request, head.as);
    // A pause or too many calls at once keep everybody back.
    if (permission.go || permission.limit === 'pause' || permission.limit === 'concurrency')
      return toPicked(head, head.entry, permission);
    for (const candidate of inPlaceOf(head, order, nowMs)) {
      const instead = fits(candidate.entry.request, candidate.as);
      if (instead.go) return toPicked(candidate, head.entry, instead);
    }
    return toPicked(head, head.entry, permission);
  };

  return {
    add: (request) => {
      if (!entries.has(request)) classes[request.priority].add(enter(request));
    },
    putBack: (request) => {
      if (!entries.has(request)) classes[request.priority].addFront(enter(request));
    },
    peek: (nowMs) => {
      atMs = nowMs;
      return inOrder(nowMs)[0]?.entry.request;
    },
    pick,
    remove: (request) => {
      const entry = leave(request);
      if (entry === undefined) return;
      if (last?.chosen === request && last.head !== request)
        overtaking.passed(last.head, entry.shape.costTokens);
      // What was put back has been charged already.
      if (!charges.has(request)) charge(request, entry);
    },
    settled: settle,
    takeExpired: (nowMs) => {
      const expired = PRIORITIES.flatMap((priority) => classes[priority].takeExpired(nowMs));
      for (const { request } of expired) entries.delete(request);
      return expired.map(({ request }) => request);
    },
    setPaused: (what, isPaused) => {
      if ('tenant' in what) for (const name of PRIORITIES) classes[name].setPaused(what.tenant, isPaused);
      else if (isPaused) paused.add(what.priority);
      else paused.delete(what.priority);
    },
    staged: () => ({ high: classes.high.size(), normal: classes.normal.size(), low: classes.low.size() }),
    drain: () => {
      const all = PRIORITIES.flatMap((priority) => classes[priority].drain()).map(({ request }) => request);
      entries.clear();
      for (const request of all) settle(request, 0);
      return all;
    },
    snapshot: () => saveCounters(PRIORITIES.map((name) => [name, classes[name].save()] as const)),
  };
};
