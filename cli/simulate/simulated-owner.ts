import type { Priority } from '../../shared/contract/priorities.ts';
import { createGovernor } from '../../shared/core/governor/create-governor.ts';
import type { Governor, GovernorLimit, PlannedCall, SentCall } from '../../shared/core/governor/governor.ts';
import type { GovernorOptions } from '../../shared/core/governor/governor-options.ts';
import type { Scheduler } from '../../shared/core/scheduler/scheduler.ts';
import type { EventQueue } from './event-queue.ts';
import type { RequestOutcome } from './simulated-request.ts';
import type { ServiceReply, SimulatedService } from './simulated-service.ts';

/** A request in the hands of an owner. */
export interface Job {
  readonly id: string;
  readonly priority: Priority;
  readonly outcome: RequestOutcome;
}

export interface SimulatedOwner {
  readonly governor: Governor;
  readonly scheduler: Scheduler<Job>;
  add(job: Job): void;
  /** Lost its lease: sends nothing more, and finishes what is in flight. What waits is handed out. */
  stop(): readonly Job[];
  /** As if it had never been: what is in flight is never heard of again. */
  die(): { readonly staged: readonly Job[]; readonly inFlight: readonly Job[] };
}

export interface OwnerNeeds {
  readonly events: EventQueue;
  readonly service: SimulatedService;
  readonly createScheduler: (governor: Governor) => Scheduler<Job>;
  readonly governor: GovernorOptions;
  /** Where a job goes that was refused after its owner had stopped. */
  readonly orphaned: (job: Job) => void;
  readonly finished: () => void;
  /** Something waits, for this reason. */
  readonly waits: (limit: GovernorLimit) => void;
}

const FAULT_BACKOFF_MS = 500;
const FAULT_BACKOFF_MOST_MS = 20_000;

export const createOwner = (needs: OwnerNeeds): SimulatedOwner => {
  const { events, service, governor: options, orphaned } = needs;
  const governor = createGovernor(options, events.nowMs());
  const scheduler = needs.createScheduler(governor);
  const inFlight = new Set<Job>();
  let wakesAtMs = Number.POSITIVE_INFINITY;
  let state: 'working' | 'stopped' | 'dead' = 'working';

  const planned = ({ outcome: { request } }: Job, priority: Priority): PlannedCall => ({
    priority,
    inputTokens: request.estimatedTokens,
    maxTokens: request.maxTokens,
  });

  const wakeIn = (waitMs: number): void => {
    const atMs = events.nowMs() + waitMs;
    if (atMs >= wakesAtMs) return;
    wakesAtMs = atMs;
    events.at(atMs, () => {
      if (wakesAtMs !== atMs) return;
      wakesAtMs = Number.POSITIVE_INFINITY;
      dispatch();
    });
  };

  const putBack = (job: Job): void => {
    if (state !== 'working') {
      orphaned(job);
      return;
    }
    scheduler.putBack(job, events.nowMs());
    dispatch();
  };

  const backOff = (job: Job): void => {
    const most = Math.min(FAULT_BACKOFF_MOST_MS, FAULT_BACKOFF_MS * 2 ** job.outcome.faults);
    events.at(events.nowMs() + options.random() * most, () => putBack(job));
  };

  const finish = (job: Job, sent: SentCall): void => {
    const { outcome } = job;
    const { inputTokens, outputTokens } = outcome.request;
    const nowMs = events.nowMs();
    const usage = { inputTokens, outputTokens, cacheWriteTokens: 0 };
    outcome.charge = governor.answered(sent, usage, nowMs);
    outcome.sentAtMs = sent.sentAtMs;
    outcome.answeredAtMs = nowMs;
    scheduler.settled(job, outcome.charge);
    needs.finished();
  };

  const replied = (job: Job, sent: SentCall, reply: ServiceReply): void => {
    if (state === 'dead') return;
    inFlight.delete(job);
    const nowMs = events.nowMs();
    if (reply.kind === 'throttled') {
      job.outcome.throttles += 1;
      governor.throttled(sent, reply.scope, nowMs);
      putBack(job);
    } else if (reply.kind === 'fault') {
      job.outcome.faults += 1;
      governor.faulted(sent, nowMs);
      backOff(job);
    } else finish(job, sent);
    dispatch();
  };

  const send = (job: Job, priority: Priority): void => {
    const sent = governor.sent(planned(job, priority), events.nowMs());
    scheduler.remove(job);
    inFlight.add(job);
    job.outcome.calls += 1;
    service.call(job.outcome.request, (reply) => replied(job, sent, reply));
  };

  const dispatch = (): void => {
    while (state === 'working') {
      const nowMs = events.nowMs();
      const picked = scheduler.pick(nowMs, (job, as) => governor.mayGo(planned(job, as), nowMs));
      if (picked === undefined) return;
      if (!picked.permission.go) {
        needs.waits(picked.permission.limit);
        wakeIn(picked.permission.waitMs);
        return;
      }
      send(picked.request, picked.as);
    }
  };

  return {
    governor,
    scheduler,
    add: (job) => {
      scheduler.add(job, events.nowMs());
      dispatch();
    },
    stop: () => {
      state = 'stopped';
      return scheduler.drain();
    },
    die: () => {
      state = 'dead';
      return { staged: scheduler.drain(), inFlight: [...inFlight] };
    },
  };
};
