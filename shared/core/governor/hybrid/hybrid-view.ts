import type { GovernorSnapshot } from '../governor.ts';
import type { GovernorView } from '../governor-view.ts';
import type { OwnerReport } from '../owner-report.ts';
import { advance, buildSecondsOf, type Hybrid, limitOf } from './hybrid.ts';
import type { HybridState } from './hybrid-state.ts';

export const remaining = (hybrid: Hybrid, nowMs: number): OwnerReport => ({
  epoch: hybrid.epoch,
  takenAtMs: nowMs,
  inFlight: hybrid.inFlight,
  taken: Object.fromEntries(
    hybrid.mirrors.map((mirror) => [mirror.dimension.name, Math.round(mirror.taken())]),
  ),
});

const stateOf = ({ mirrors, gate, learning, faultShare, sends }: Hybrid, nowMs: number): HybridState => ({
  mirrors: Object.fromEntries(mirrors.map((mirror) => [mirror.dimension.name, mirror.save(nowMs)])),
  gate: gate.save(),
  learning: learning.save(),
  faultShare: Number(faultShare.toPrecision(4)),
  sendsPerSecond: Number(sends.perSecond().toPrecision(6)),
});

export const takeSnapshot = (hybrid: Hybrid, nowMs: number): GovernorSnapshot => {
  advance(hybrid, nowMs);
  return {
    takenAtMs: nowMs,
    levels: Object.fromEntries(
      hybrid.mirrors.map((mirror) => [mirror.dimension.name, Math.round(mirror.level())]),
    ),
    pausedUntilMs: Math.round(hybrid.gate.pausedUntilMs(nowMs)),
    owner: remaining(hybrid, nowMs),
    others: hybrid.otherOwners.reports(),
    learned: { algorithm: 'hybrid', state: stateOf(hybrid, nowMs) },
  };
};

const stateName = ({ gate }: Hybrid, nowMs: number): GovernorView['state'] => {
  if (gate.pausedUntilMs(nowMs) > 0) return 'paused';
  return gate.isOpen(nowMs) ? 'open' : 'probing';
};

export const describe = (hybrid: Hybrid, nowMs: number): GovernorView => {
  advance(hybrid, nowMs);
  const { mirrors, learning, maxConcurrent, inFlight } = hybrid;
  const others = hybrid.otherOwners.inFlight(nowMs);
  const limit = limitOf(hybrid);
  const isFull = limit === maxConcurrent && inFlight + others >= Math.ceil(0.9 * maxConcurrent);
  return {
    algorithm: 'hybrid',
    atMs: nowMs,
    state: stateName(hybrid, nowMs),
    pausedUntilMs: Math.ceil(hybrid.gate.pausedUntilMs(nowMs)),
    dimensions: mirrors.map((mirror) => mirror.view(nowMs)),
    concurrency: {
      limit: Math.floor(limit),
      most: maxConcurrent,
      inFlight,
      others,
      bindsWhileQuotaIsFree: isFull && mirrors.every((mirror) => mirror.isFree()),
    },
    learned: {
      inputRatio: learning.inputRatio(),
      outputTokens: learning.outputTokens(),
      latencyMs: learning.latencyMs(),
      buildSeconds: buildSecondsOf(hybrid, nowMs),
    },
  };
};
