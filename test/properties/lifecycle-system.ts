import { workQueuesOf } from '../../shared/contract/names.ts';
import type { RequestItem } from '../../shared/contract/request-item.ts';
import { isTerminal } from '../../shared/contract/statuses.ts';
import type { Acceptance, Submission } from '../../shared/flows/accept/submission.ts';
import { type Around, chain, nameOf } from '../fakes/interpose.ts';
import { rejection, serviceFault, throttle } from '../fakes/scripted-model.ts';
import { createSimulatedProcess, type SimulatedProcess } from '../fakes/simulated-process.ts';
import { createWorld, type World } from '../fakes/world.ts';
import { notifications, startDrain } from '../flows/drain/drains.ts';
import { accept } from '../flows/submissions.ts';

export type Mood = 'answers' | 'throttles' | 'fails' | 'rejects' | 'slow';

/** A store that fails some calls of one method: before it has done anything, or after. */
export interface Fault {
  readonly method: string;
  readonly moment: 'before' | 'after';
  left: number;
}

export interface RunningDrain {
  readonly process: SimulatedProcess;
  ended: boolean;
}

const REPLIES = {
  answers: undefined,
  slow: undefined,
  throttles: throttle,
  fails: serviceFault,
  rejects: rejection,
};
const SLOW_MS = 40_000;
const LATENCY_MS = 1000;

/** The pipeline in virtual time, with everything that can be done to it. */
export class LifecycleSystem {
  readonly world: World;
  mood: Mood = 'answers';
  readonly faults: Fault[] = [];
  drains: RunningDrain[] = [];
  /** How often the quota refused a prompt: no attempts. */
  readonly throttled = new Map<string, number>();
  /** Ends as they were first seen. */
  readonly #ends = new Map<string, string>();

  constructor() {
    this.world = createWorld({
      settings: { minutes_to_process: 1 },
      model: {
        latencyMs: () => (this.mood === 'slow' ? SLOW_MS : LATENCY_MS),
        script: ({ prompt }) => {
          if (this.mood === 'throttles') this.throttled.set(prompt, (this.throttled.get(prompt) ?? 0) + 1);
          return REPLIES[this.mood];
        },
      },
    });
  }

  readonly faulty: Around = async (effect, perform) => {
    const fault = this.faults.find(({ method, left }) => left > 0 && method === nameOf(effect));
    if (fault === undefined) return perform();
    fault.left -= 1;
    if (fault.moment === 'after') await perform();
    throw new Error(`injected into ${fault.method}`);
  };

  submit(submission: Submission, around: Around = this.faulty): Promise<readonly Acceptance[]> {
    return accept(this.world, [submission], around);
  }

  /** The door dies behind so many effects. Whoever waits for it gets no answer then. */
  async submitAndDie(submission: Submission, effects: number): Promise<readonly Acceptance[] | 'died'> {
    let done = 0;
    let die = (_: 'died'): void => {};
    const died = new Promise<'died'>((resolve) => {
      die = resolve;
    });
    const around: Around = async (_, perform) => {
      if (done >= effects) {
        die('died');
        return new Promise(() => {});
      }
      done += 1;
      return perform();
    };
    return Promise.race([this.submit(submission, around), died]);
  }

  wake(lifeMs: number): void {
    const process = createSimulatedProcess(this.world.clock);
    const running: RunningDrain = { process, ended: false };
    this.drains.push(running);
    const end = (): void => {
      running.ended = true;
    };
    // Behind the process stands the store that fails.
    void startDrain(this.world, { lifeMs, around: chain(process.around, this.faulty) }, process).then(
      end,
      end,
    );
  }

  kill(index: number): void {
    const [killed] = this.drains.splice(index, 1);
    killed?.process.kill();
  }

  alive(): readonly RunningDrain[] {
    this.drains = this.drains.filter(({ ended }) => !ended);
    return this.drains;
  }

  /** What must hold at every moment. */
  check(accepted: Iterable<string>): void {
    const { requests, model } = this.world;
    const items = new Map(requests.all().map((item) => [item.requestId, item]));
    const lost = [...accepted].filter((id) => !items.has(id));
    expect({
      lost,
      twiceAtOnce: model.overlapping(),
      changed: this.#changedEnds([...items.values()]),
      unrecorded: this.#unrecorded(),
    }).toEqual({ lost: [], twiceAtOnce: [], changed: [], unrecorded: [] });
  }

  /** An end that was there before and is another now, or none. */
  #changedEnds(items: readonly RequestItem[]): readonly string[] {
    const changed: string[] = [];
    for (const { requestId, status, result, finishedAtMs } of items) {
      const end = isTerminal(status) ? JSON.stringify([status, result, finishedAtMs]) : undefined;
      const before = this.#ends.get(requestId);
      if (before !== undefined && before !== end) changed.push(`${requestId}: ${before} became ${end}`);
      else if (end !== undefined) this.#ends.set(requestId, end);
    }
    return changed;
  }

  /** Calls that no attempt tells of. Every request asks with its own custom id. */
  #unrecorded(): readonly string[] {
    return this.world.requests.all().flatMap(({ requestId, customId, attempts }) => {
      const prompt = customId ?? '';
      const calls = this.world.model.prompts().filter((called) => called === prompt).length;
      const paid = calls - (this.throttled.get(prompt) ?? 0);
      return paid > attempts ? [`${requestId} was called ${paid} times in ${attempts} attempts`] : [];
    });
  }

  waiting(): number {
    return workQueuesOf('haiku').reduce((total, queue) => total + this.world.queues.bodies(queue).length, 0);
  }

  /** Ends that somebody was told, by request. */
  told(): ReadonlyMap<string, ReadonlySet<string>> {
    const told = new Map<string, Set<string>>();
    for (const { request_id: id, status } of notifications(this.world)) {
      if (id === null) continue;
      told.set(id, (told.get(id) ?? new Set()).add(status));
    }
    return told;
  }
}
