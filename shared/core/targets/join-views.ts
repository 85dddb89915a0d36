import type { DimensionView, GovernorView, TargetView } from '../governor/governor-view.ts';
import type { Member } from './member.ts';

const viewOf = ({ target, breaker, governor }: Member, nowMs: number): TargetView => {
  const state = breaker.state(nowMs);
  return {
    name: target.name,
    modelId: target.modelId,
    ...(target.region === undefined ? {} : { region: target.region }),
    breaker: state,
    openUntilMs: state === 'open' ? nowMs + Math.ceil(breaker.waitMs(nowMs)) : 0,
    governor: governor.describe(nowMs),
  };
};

const sum = (views: readonly DimensionView[], of: (view: DimensionView) => number): number =>
  views.reduce((total, view) => total + of(view), 0);

/** Quotas of one kind as if they were one: what was charged on average is what the one that worked most says. */
const joinDimension = (views: readonly DimensionView[]): readonly DimensionView[] => {
  const [first] = views;
  if (first === undefined) return [];
  const limit = sum(views, (view) => view.limit);
  const perSecond = sum(views, (view) => view.perSecond);
  const busiest = views.reduce((most, view) =>
    view.settledLastMinute > most.settledLastMinute ? view : most,
  );
  return [
    {
      name: first.name,
      limit,
      perSecond,
      multiplier: sum(views, (view) => view.multiplier * view.limit) / limit,
      size: sum(views, (view) => view.size),
      burstSeconds: first.burstSeconds,
      level: sum(views, (view) => view.level),
      held: sum(views, (view) => view.held),
      settledLastMinute: sum(views, (view) => view.settledLastMinute),
      settled: sum(views, (view) => view.settled),
      fullAtMs: Math.max(...views.map((view) => view.fullAtMs)),
      meanCharge: busiest.meanCharge,
    },
  ];
};

const mayBeCalled = ({ breaker, governor }: TargetView): boolean =>
  breaker !== 'open' && governor.state !== 'paused';

const nextMs = ({ openUntilMs, governor }: TargetView): number =>
  Math.max(openUntilMs, governor.pausedUntilMs);

/** Together those that may be called; when none may, all of them, until the first may again. */
const stateOf = (targets: readonly TargetView[], callable: readonly TargetView[]) => {
  if (callable.length === 0)
    return { state: 'paused' as const, pausedUntilMs: Math.min(...targets.map(nextMs)) };
  const isOpen = callable.some(({ breaker, governor }) => breaker === 'closed' && governor.state === 'open');
  return { state: isOpen ? ('open' as const) : ('probing' as const), pausedUntilMs: 0 };
};

const hasRoom = ({ governor }: TargetView): boolean =>
  governor.dimensions.every(({ level, size }) => level >= size / 2);

export interface PoolPlaces {
  readonly most: number;
  readonly inFlight: number;
  readonly others: number;
}

/** All targets of a pool as one, and each by itself. A quota that one of them does not have limits none of the pool. */
export const joinViews = (
  members: readonly Member[],
  { most, inFlight, others }: PoolPlaces,
  nowMs: number,
): GovernorView => {
  const targets = members.map((member) => viewOf(member, nowMs));
  const callable = targets.filter(mayBeCalled);
  const counted = callable.length === 0 ? targets : callable;
  const [first] = counted;
  const names = first?.governor.dimensions.map(({ name }) => name) ?? [];
  const ofName = (name: string): readonly DimensionView[] =>
    counted.flatMap(({ governor }) => governor.dimensions.filter((dimension) => dimension.name === name));
  const joined = names.map(ofName).filter((views) => views.length === counted.length);
  const limit = Math.min(
    most,
    counted.reduce((total, { governor }) => total + governor.concurrency.limit, 0),
  );
  const isFull = limit === most && inFlight + others >= Math.ceil(0.9 * most);
  return {
    algorithm: first?.governor.algorithm ?? 'hybrid',
    atMs: nowMs,
    ...stateOf(targets, callable),
    dimensions: joined.flatMap(joinDimension),
    concurrency: {
      limit,
      most,
      inFlight,
      others,
      bindsWhileQuotaIsFree: isFull && callable.some(hasRoom),
    },
    learned: first?.governor.learned ?? { inputRatio: 1, outputTokens: 0, latencyMs: 0, buildSeconds: 0 },
    targets,
  };
};
