import type { ExpectedCall } from '../dimensions.ts';
import type { CallUsage, PlannedCall } from '../governor.ts';
import {
  INPUT_RATIO_LEAST,
  INPUT_RATIO_MOST,
  MEAN_WEIGHT,
  ROUTE_ANSWERS_LEAST,
  ROUTE_GUESS,
  ROUTE_WEIGHT,
} from './constants.ts';
import { createMovingMean, type MovingMean, type SavedMean } from './moving-mean.ts';

/** What answers have taught about calls to come. */
export interface Learning {
  expect(call: PlannedCall): ExpectedCall;
  learn(call: PlannedCall, usage: CallUsage, latencyMs: number): void;
  inputRatio(): number;
  /** Of the whole pool. */
  outputTokens(): number;
  latencyMs(): number;
  save(): SavedLearning;
}

export interface SavedLearning {
  readonly ratio: SavedMean;
  readonly latency: SavedMean;
  /** The most recent ones, oldest first; the pool itself is the route ''. */
  readonly routes: readonly (readonly [string, ...SavedMean])[];
}

const POOL_ROUTE = '';
const MOST_ROUTES = 500;
const MOST_ROUTES_SAVED = 12;
/** Longer names of routes do not fit a snapshot, and are learned anew. */
const LONGEST_NAME_SAVED = 40;

export const createLearning = (firstLatencyMs: number, saved?: SavedLearning): Learning => {
  const ratio = createMovingMean(MEAN_WEIGHT, saved?.ratio);
  const latency = createMovingMean(MEAN_WEIGHT, saved?.latency ?? [0, firstLatencyMs]);
  const routes = new Map<string, MovingMean>(
    (saved?.routes ?? []).map(([name, ...mean]) => [name, createMovingMean(ROUTE_WEIGHT, mean)]),
  );

  const inputRatio = (): number =>
    ratio.count() === 0 ? 1 : Math.min(INPUT_RATIO_MOST, Math.max(INPUT_RATIO_LEAST, ratio.value()));

  const touch = (name: string): MovingMean => {
    const route = routes.get(name) ?? createMovingMean(ROUTE_WEIGHT);
    // The order of a Map is that of insertion: the first is the one not seen for longest.
    routes.delete(name);
    routes.set(name, route);
    const [oldest] = routes.keys();
    if (routes.size > MOST_ROUTES && oldest !== undefined) routes.delete(oldest);
    return route;
  };

  const outputOf = ({ route = POOL_ROUTE, maxTokens }: PlannedCall): number => {
    const known = routes.get(route);
    const isKnown = known !== undefined && known.count() >= ROUTE_ANSWERS_LEAST;
    return isKnown ? Math.min(known.value(), maxTokens) : ROUTE_GUESS * maxTokens;
  };

  return {
    expect: (call) => ({
      inputTokens: call.inputTokens * inputRatio(),
      maxTokens: call.maxTokens,
      outputTokens: outputOf(call),
    }),
    learn: (call, usage, latencyMs) => {
      const inputTokens = usage.inputTokens + usage.cacheWriteTokens + (usage.cacheReadTokens ?? 0);
      if (call.inputTokens > 0) ratio.add(inputTokens / call.inputTokens);
      latency.add(latencyMs);
      touch(POOL_ROUTE).add(usage.outputTokens);
      if (call.route !== undefined && call.route !== POOL_ROUTE) touch(call.route).add(usage.outputTokens);
    },
    inputRatio,
    outputTokens: () => routes.get(POOL_ROUTE)?.value() ?? 0,
    latencyMs: () => latency.value(),
    save: () => ({
      ratio: ratio.save(),
      latency: latency.save(),
      routes: [...routes]
        .filter(([name]) => name.length <= LONGEST_NAME_SAVED)
        .slice(-MOST_ROUTES_SAVED)
        .map(([name, mean]) => [name, ...mean.save()] as const),
    }),
  };
};
