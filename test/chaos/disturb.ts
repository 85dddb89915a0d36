import { setTimeout as sleep } from 'node:timers/promises';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { CallRecord } from '../../local/bedrock/truth.ts';
import type { Span } from './evidence.ts';
import { redeliver } from './redeliver.ts';
import type { Role, ScheduledEvent } from './schedule.ts';
import { isAlive, type System } from './system.ts';
import type { Watch } from './watch.ts';

export interface Disturbing {
  readonly simulatorPauses: readonly Span[];
  readonly simulatorKillsAtMs: readonly number[];
  /** What could not be done, such as to tell a simulator something that is away. */
  readonly skipped: readonly string[];
  readonly done: Promise<void>;
}

export interface DisturbOptions {
  readonly schedule: readonly ScheduledEvent[];
  readonly system: System;
  readonly modelId: string;
  readonly calls: Watch<CallRecord>;
  readonly sqs: SQSClient;
  /** URLs of the lanes. */
  readonly lanes: readonly string[];
  /** Called after the parent has come again. */
  readonly onRestart: () => Promise<void>;
  readonly startedAtMs: number;
}

const REDELIVER_EVERY_MS = 300;

const send = async (method: string, url: string, body?: unknown): Promise<void> => {
  const response = await fetch(url, {
    method,
    signal: AbortSignal.timeout(2_000),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${url} was answered with ${response.status}`);
};

export const disturb = (options: DisturbOptions): Disturbing => {
  const { system, modelId, calls, sqs, lanes, schedule, startedAtMs } = options;
  const { sqs: cloud, bedrockRuntime: simulator } = system.ready.endpoints;
  const simulatorPauses: Span[] = [];
  const simulatorKillsAtMs: number[] = [];
  const skipped: string[] = [];
  let restarting: Promise<void> = Promise.resolve();

  const kill = async (role: Role): Promise<void> => {
    const endsSimulator = role === 'simulator' || role === 'parent';
    if (endsSimulator) await calls.look();
    // What began before the look ended no later than this, and what began since no later than the second moment.
    if (endsSimulator) simulatorKillsAtMs.push(Date.now());
    if (role === 'parent') await system.killParent();
    else await system.signal(role, 'SIGKILL');
    if (endsSimulator) simulatorKillsAtMs.push(Date.now());
    if (role === 'parent') await options.onRestart();
  };

  const pause = async (role: Role, forMs: number): Promise<void> => {
    const fromMs = Date.now();
    const pid = await system.signal(role, 'SIGSTOP');
    if (pid === undefined) return;
    await sleep(forMs);
    if (isAlive(pid)) process.kill(pid, 'SIGCONT');
    if (role === 'simulator') simulatorPauses.push({ fromMs, toMs: Date.now() });
  };

  const shiftClock = async (role: Role, byMs: number, forMs: number): Promise<void> => {
    const pid = await system.pidOf(role);
    if (pid === undefined) return;
    await system.shiftClock(pid, byMs);
    await sleep(forMs);
    await system.shiftClock(pid, 0);
  };

  const redeliverFor = async (forMs: number): Promise<void> => {
    for (const endAtMs = Date.now() + forMs; Date.now() < endAtMs; await sleep(REDELIVER_EVERY_MS))
      await Promise.all(lanes.map((lane) => redeliver(sqs, lane)));
  };

  const apply = async (event: ScheduledEvent): Promise<void> => {
    switch (event.kind) {
      case 'kill':
        return kill(event.role);
      case 'pause':
        return pause(event.role, event.forMs);
      case 'model_fault':
        return send('POST', `${simulator}/_sim/faults`, {
          fault: event.fault,
          probability: event.probability,
          endSeconds: event.forMs / 1000,
        });
      case 'quota':
        return send('PUT', `${simulator}/_sim/models/${encodeURIComponent(modelId)}`, {
          quotaTimeline: [
            { afterSeconds: 0, value: event.share },
            { afterSeconds: event.forMs / 1000, value: 1 },
          ],
        });
      case 'store_fault':
        return send('POST', `${cloud}/_cloud/faults`, {
          service: event.service,
          fault: event.fault,
          probability: event.probability,
          endSeconds: event.forMs / 1000,
        });
      case 'clock':
        return shiftClock(event.role, event.byMs, event.forMs);
      case 'lossy_abort':
        await send('PUT', `${cloud}/_cloud/settings`, { lossyAbort: true });
        await sleep(event.forMs);
        return send('PUT', `${cloud}/_cloud/settings`, { lossyAbort: false });
      case 'redeliver':
        return redeliverFor(event.forMs);
    }
  };

  const applyInTime = async (event: ScheduledEvent): Promise<void> => {
    await sleep(Math.max(0, startedAtMs + event.atMs - Date.now()));
    // Two restarts of everything would fight for the same data.
    const turn = event.kind === 'kill' && event.role === 'parent' ? restarting : Promise.resolve();
    const applied = turn
      .then(() => apply(event))
      .catch((error: unknown) => {
        skipped.push(`${event.kind} at ${event.atMs} ms: ${(error as Error).message}`);
      });
    if (event.kind === 'kill' && event.role === 'parent') restarting = applied;
    await applied;
  };

  return {
    simulatorPauses,
    simulatorKillsAtMs,
    skipped,
    done: Promise.all(schedule.map(applyInTime)).then(() => {}),
  };
};
