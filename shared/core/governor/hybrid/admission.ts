import type { GovernorLimit, Permission, PlannedCall, SentCall } from '../governor.ts';
import { isWithin } from './concurrency.ts';
import { advance, type Hybrid, limitOf } from './hybrid.ts';

/** Answers end at any time, and ring a bell when they do. */
const LOOK_AGAIN_MS = 1000;

const GO: Permission = { go: true };
const wait = (limit: GovernorLimit, waitMs: number): Permission => ({ go: false, limit, waitMs });

export const mayGo = (hybrid: Hybrid, call: PlannedCall, nowMs: number): Permission => {
  advance(hybrid, nowMs);
  const pauseMs = hybrid.gate.waitMs(nowMs, call.priority === 'high');
  if (pauseMs > 0) return wait('pause', Math.ceil(pauseMs));
  const inFlight = hybrid.inFlight + hybrid.otherOwners.inFlight(nowMs);
  if (!isWithin(inFlight, limitOf(hybrid), call.priority)) return wait('concurrency', LOOK_AGAIN_MS);
  const expected = hybrid.learning.expect(call);
  let answer: Permission = GO;
  let longestMs = 0;
  for (const mirror of hybrid.mirrors) {
    const waitMs = mirror.waitMs(expected, call.priority, hybrid.atMs);
    if (waitMs <= longestMs) continue;
    longestMs = waitMs;
    answer = wait(mirror.dimension.name, Math.ceil(waitMs));
  }
  return answer;
};

export const send = (hybrid: Hybrid, call: PlannedCall, nowMs: number): SentCall => {
  advance(hybrid, nowMs);
  const expected = hybrid.learning.expect(call);
  const isProbe = hybrid.gate.send(nowMs);
  hybrid.inFlight += 1;
  hybrid.sends.event();
  const holds = hybrid.mirrors.map(({ dimension }) => dimension.holdExpected(expected));
  const refusedBy = hybrid.mirrors.map((mirror, index) =>
    mirror.take({ hold: holds[index] ?? 0, expected: mirror.dimension.expect(expected) }, hybrid.atMs),
  );
  return { call, holds, sentAtMs: nowMs, refusedBy, isProbe };
};
