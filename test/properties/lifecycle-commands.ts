import fc from 'fast-check';
import { deriveRequestId } from '../../shared/core/request-id.ts';
import type { Acceptance, Submission } from '../../shared/flows/accept/submission.ts';
import { createCancelRequest } from '../../shared/flows/cancel-request.ts';
import { acceptDepsOf } from '../fakes/world.ts';
import { reconcile } from '../flows/reconcile/reconciling.ts';
import { fromQueue, overHttp } from '../flows/submissions.ts';
import type { LifecycleSystem, Mood } from './lifecycle-system.ts';

/** All that a caller knows: what he was told is accepted. */
export interface LifecycleModel {
  readonly accepted: Set<string>;
  /** Sent, and not answered: it may have been accepted or not. */
  readonly unsure: Set<string>;
}

type Command = fc.AsyncCommand<LifecycleModel, LifecycleSystem>;
type Act = (model: LifecycleModel, system: LifecycleSystem) => Promise<void>;

const command = (name: string, act: Act): Command => ({
  check: () => true,
  toString: () => name,
  run: async (model, system) => {
    await act(model, system);
    system.check(model.accepted);
  },
});

interface Sent {
  readonly id: string;
  readonly submission: Submission;
}

/** Few keys, so that many are sent again. */
const KEYS = 6;

/** The same key is the same request, whenever it is sent. */
const sentAs = (key: number): Sent => {
  const name = `p${key}`;
  const body = {
    prompt: name,
    custom_id: name,
    max_tokens: 100,
    priority: ['high', 'normal', 'low'][key % 3] ?? 'normal',
    ...(key === 5 ? { expires_in_seconds: 120 } : {}),
  };
  return key % 2 === 0
    ? {
        id: deriveRequestId({ kind: 'key', tenant: 'default', key: name }),
        submission: overHttp(body, { idempotencyKey: name }),
      }
    : {
        id: deriveRequestId({ kind: 'message', tenant: 'default', messageId: name }),
        submission: fromQueue(name, body),
      };
};

const note = (model: LifecycleModel, id: string, acceptance: Acceptance | undefined): void => {
  if (acceptance?.kind !== 'accepted') {
    model.unsure.add(id);
    return;
  }
  expect(acceptance.item.requestId).toBe(id);
  model.accepted.add(id);
};

const submit = (key: number): Command =>
  command(`submit ${key}`, async (model, system) => {
    const { id, submission } = sentAs(key);
    const [acceptance] = await system.submit(submission);
    if (model.accepted.has(id) && acceptance?.kind === 'accepted') expect(acceptance.replayed).toBe(true);
    note(model, id, acceptance);
  });

const submitOther = (key: number): Command =>
  command(`submit another body as ${key}`, async (model, system) => {
    const { id, submission } = sentAs(key);
    if (!model.accepted.has(id)) return;
    const body = { ...(submission.body as object), max_tokens: 99 };
    const [acceptance] = await system.submit({ ...submission, body });
    expect(acceptance?.kind).not.toBe('accepted');
  });

const submitAndDie = (key: number, effects: number): Command =>
  command(`submit ${key} and die after ${effects} effects`, async (model, system) => {
    const { id, submission } = sentAs(key);
    const outcome = await system.submitAndDie(submission, effects);
    if (outcome === 'died') model.unsure.add(id);
    else note(model, id, outcome[0]);
  });

const cancel = (key: number): Command =>
  command(`cancel ${key}`, async (_, system) => {
    const { id } = sentAs(key);
    const deps = acceptDepsOf(system.world, system.faulty);
    const canceled = createCancelRequest(deps)({ requestId: id, tenant: 'default' });
    // What a store refuses is tried again, later.
    await system.world.clock.run(canceled.catch(() => undefined));
  });

const pass = (ms: number): Command =>
  command(`${ms} ms pass`, async (_, { world }) => {
    await world.clock.advance(ms);
  });

const wake = (lifeMs: number): Command =>
  command(`a drain of ${lifeMs} ms is woken`, async (_, system) => {
    if (system.alive().length < 3) system.wake(lifeMs);
    await system.world.clock.advance(50);
  });

const toDrain = (what: 'kill' | 'pause' | 'resume', index: number): Command =>
  command(`${what} drain ${index}`, async (_, system) => {
    if (what === 'kill') system.kill(index);
    else system.alive()[index]?.process[what]();
    await system.world.clock.advance(1);
  });

const mood = (to: Mood): Command =>
  command(`the model ${to}`, async (_, system) => {
    system.mood = to;
  });

const fault = (method: string, moment: 'before' | 'after', left: number): Command =>
  command(`${method} fails ${left} times, ${moment}`, async (_, system) => {
    system.faults.push({ method, moment, left });
  });

const duplicate = (queue: string): Command =>
  command(`${queue} is delivered twice`, async (_, { world }) => {
    if (world.queues.bodies(queue).length < 40) world.queues.duplicate(queue);
  });

interface Succession {
  readonly key: number;
  readonly what: 'kill' | 'pause';
  readonly mood: Mood;
  readonly waitMs: number;
}

/** One owner falls away while it runs a request that is delivered twice, another follows, and the first may wake. */
const succeed = ({ key, what, mood: to, waitMs }: Succession): Command =>
  command(`${what} who runs ${key} (the model ${to}), follow after ${waitMs} ms`, async (model, system) => {
    const { clock, queues } = system.world;
    system.mood = to;
    const { id, submission } = sentAs(key);
    note(model, id, (await system.submit(submission))[0]);
    for (const lane of LANES) if (queues.bodies(lane).length < 40) queues.duplicate(lane);
    system.wake(900_000);
    await clock.advance(1200);
    const alive = system.alive();
    const first = alive[alive.length - 1];
    if (what === 'kill') system.kill(alive.length - 1);
    else first?.process.pause();
    for (const lane of LANES) if (queues.bodies(lane).length < 40) queues.duplicate(lane);
    await clock.advance(waitMs);
    system.wake(900_000);
    await clock.advance(2500);
    first?.process.resume();
    await clock.advance(3000);
  });

const reconcileNow: Command = command('the reconciler looks', async (_, system) => {
  await reconcile(system.world, system.faulty).catch(() => undefined);
});

const MOODS = ['answers', 'answers', 'throttles', 'fails', 'rejects', 'slow'] as const;
const METHODS = [
  'requests.create',
  'requests.claim',
  'requests.finish',
  'requests.putBack',
  'requests.cancel',
  'requests.read',
  'queues.send',
  'queues.receive',
  'queues.remove',
  'queues.setVisibility',
  'objects.put',
  'ledger.record',
  'tenants.addWaiting',
  'pools.acquire',
  'pools.heartbeat',
  'pools.release',
  'pools.ended',
  'scan.saveProgress',
] as const;
const LANES = ['high', 'normal', 'low'].map((priority) => `hold-haiku-${priority}-express`);

const key = fc.nat({ max: KEYS - 1 });

/** Everything that may happen to a request, in any order. */
export const lifecycleCommands = [
  key.map(submit),
  key.map(submit),
  key.map(submitOther),
  fc.tuple(key, fc.nat({ max: 5 })).map(([one, effects]) => submitAndDie(one, effects)),
  key.map(cancel),
  fc.constantFrom(200, 1000, 3000, 12_000, 45_000, 65_000, 130_000).map(pass),
  fc.constantFrom(200, 1000, 3000, 12_000, 45_000, 65_000, 130_000).map(pass),
  fc.constantFrom(120_000, 900_000).map(wake),
  fc.constantFrom(120_000, 900_000).map(wake),
  fc
    .tuple(fc.constantFrom('kill' as const, 'pause' as const, 'resume' as const), fc.nat({ max: 2 }))
    .map(([what, index]) => toDrain(what, index)),
  fc
    .record({
      key,
      what: fc.constantFrom('kill' as const, 'pause' as const),
      mood: fc.constantFrom('answers' as const, 'slow' as const),
      waitMs: fc.constantFrom(11_000, 38_000, 65_000),
    })
    .map(succeed),
  fc.constantFrom(...MOODS).map(mood),
  fc
    .tuple(
      fc.constantFrom(...METHODS),
      fc.constantFrom('before' as const, 'after' as const),
      fc.integer({ min: 1, max: 4 }),
    )
    .map(([method, moment, left]) => fault(method, moment, left)),
  fc.constantFrom(...LANES).map(duplicate),
  fc.constant(reconcileNow),
];
