import { createListDeadLetters } from '../../../shared/flows/dead-letters/list-dead-letters.ts';
import { chain, failing, firstCalls, nameOf } from '../../fakes/interpose.ts';
import { faultOf } from '../../fakes/scripted-model.ts';
import { acceptDepsOf, type World } from '../../fakes/world.ts';
import { acceptedBatch, splitAll } from '../batches/batches.ts';
import { contents, drain, expectAllAnswered, itemOf, notifications } from '../drain/drains.ts';
import { accept, acceptPrompts, NORMAL_LANE, overHttp } from '../submissions.ts';
import { createPatient, killPrompts, redrive } from './dead.ts';

// Minutes of virtual time; a busy machine takes longer than the usual five seconds.
jest.setTimeout(60_000);

const LETTERS = 'dead-letter-haiku';

const list = async (world: World, filter: Readonly<Record<string, unknown>> = {}) =>
  (await createListDeadLetters(acceptDepsOf(world))({ filter, limit: 100 })).letters;

describe('dead letters', () => {
  it('are listed with reason, attempts and history, without consuming them, and without text', async () => {
    const patient = createPatient();
    const [id] = await killPrompts(patient, ['a secret'], { custom_id: 'mine' });
    const letters = await list(patient.world);
    expect(letters).toMatchObject([
      {
        request_id: id,
        custom_id: 'mine',
        tenant: 'default',
        pool: 'haiku',
        model: 'model-haiku',
        reason: 'model_access_denied',
        attempts: 1,
        generation: 0,
        history: [{ epoch: 1, under_suspicion: false, outcome: 'model_access_denied' }],
        earlier: [],
      },
    ]);
    expect(JSON.stringify(letters)).not.toContain('secret');
    expect(patient.world.queues.bodies(LETTERS)).toHaveLength(1);
    expect(patient.world.queues.hidden(LETTERS)).toBe(0);
  });

  it('are kept, but not told to whoever operates, where their sender has to do something', async () => {
    const patient = createPatient({ model: { script: () => faultOf('ValidationException', 400, 'no') } });
    await killPrompts(patient, ['bad']);
    expect(await list(patient.world)).toMatchObject([{ reason: 'model_rejected_request' }]);
    expect(patient.world.queues.bodies(LETTERS)).toEqual([]);
  });
});

describe('a redrive', () => {
  it('reopens what matches: it is answered, told with its generation, and its letter is gone', async () => {
    const patient = createPatient();
    const { world } = patient;
    const [id = ''] = await killPrompts(patient, ['a']);
    patient.isWell = true;
    const answer = await redrive(world);
    expect(answer).toMatchObject({ looked_at: 1, matched: 1, reopened: 1, faults: [], letters_removed: 1 });
    expect(world.queues.bodies(LETTERS)).toEqual([]);
    await drain(world);
    expectAllAnswered(world, [id]);
    expect(itemOf(world, id)).toMatchObject({
      status: 'succeeded',
      generation: 1,
      attempts: 1,
      earlier: [{ generation: 0, errorCode: 'model_access_denied', attempts: 1 }],
    });
    expect(notifications(world)).toMatchObject([
      { request_id: id, status: 'failed' },
      { request_id: id, status: 'succeeded', generation: 1, content: 'answer to a' },
    ]);
    expect(notifications(world)[0]).not.toHaveProperty('generation');
    expect(await list(world)).toEqual([]);
  });

  it('keeps the earlier result where it was, and names it', async () => {
    const patient = createPatient();
    const { world } = patient;
    const [id = ''] = await killPrompts(patient, ['a']);
    const before = itemOf(world, id).result;
    patient.isWell = true;
    await redrive(world);
    await drain(world);
    const { earlier = [], result } = itemOf(world, id);
    expect(earlier[0]?.result).toEqual(before);
    expect(result).not.toEqual(before);
    const bytes = before === undefined ? undefined : await world.objects.get(before.key, before);
    expect(JSON.parse(Buffer.from(bytes ?? []).toString('utf8'))).toMatchObject({ status: 'failed' });
  });

  it('joins its filters with AND', async () => {
    const patient = createPatient();
    const { world } = patient;
    await killPrompts(patient, ['old']);
    await world.clock.advance(3_600_000);
    const [young] = await killPrompts(patient, ['young']);
    const filter = { reason: 'model_access_denied', tenant: 'default', younger_than_seconds: 3000 };
    expect(await redrive(world, { filter, dry_run: true })).toMatchObject({ looked_at: 2, matched: 1 });
    for (const others of [
      { ...filter, reason: 'crashed_drain' },
      { ...filter, tenant: 'acme' },
      { ...filter, older_than_seconds: 3000 },
    ])
      expect(await redrive(world, { filter: others, dry_run: true })).toMatchObject({ matched: 0 });
    expect(await redrive(world, { filter })).toMatchObject({ reopened: 1 });
    expect(world.requests.all().filter(({ status }) => status === 'queued')).toMatchObject([
      { requestId: young },
    ]);
  });

  it('changes nothing when it is dry, and says what it would', async () => {
    const patient = createPatient();
    const { world } = patient;
    const [id = ''] = await killPrompts(patient, ['a']);
    const before = itemOf(world, id);
    expect(await redrive(world, { dry_run: true })).toMatchObject({
      redrive_id: null,
      dry_run: true,
      matched: 1,
      reopened: 1,
      letters_removed: 0,
    });
    expect(itemOf(world, id)).toEqual(before);
    expect(world.queues.bodies(LETTERS)).toHaveLength(1);
    expect(await world.redrives.list(undefined, 10)).toEqual([]);
  });

  it('stands in the list of redrives before it begins', async () => {
    const patient = createPatient();
    const { world } = patient;
    await killPrompts(patient, ['a']);
    const order = { filter: { model: 'model-haiku' }, why: 'access is back' };
    await redrive(world, order, async (effect, perform) => {
      if (nameOf(effect) === 'reopener.reopen')
        expect(await world.redrives.list(undefined, 1)).toMatchObject([{ reopened: 0, is_over: false }]);
      return perform();
    });
    expect(await world.redrives.list(undefined, 10)).toMatchObject([
      { by: 'anybody', why: 'access is back', filter: { model: 'model-haiku' }, reopened: 1, is_over: true },
    ]);
  });

  it('changes what it is told to, by the rules of the door', async () => {
    const patient = createPatient();
    const { world } = patient;
    const [id = ''] = await killPrompts(patient, ['a'], { max_tokens: 100 });
    patient.isWell = true;
    const set = { max_tokens: 50, temperature: 0.5, priority: 'high', expires_in_seconds: 600 };
    expect(await redrive(world, { set })).toMatchObject({ reopened: 1 });
    expect(itemOf(world, id)).toMatchObject({
      priority: 'high',
      expiresAtMs: (itemOf(world, id).reopenedAtMs ?? 0) + 600_000,
    });
    await drain(world);
    expect(world.model.calls.at(-1)?.request).toMatchObject({
      kind: 'converse',
      converse: { inferenceConfig: { maxTokens: 50, temperature: 0.5 } },
    });
  });

  it('names the faults of each that its changes would make, and leaves it dead', async () => {
    const patient = createPatient();
    const { world } = patient;
    const [id = ''] = await killPrompts(patient, ['a']);
    const answer = await redrive(world, { set: { max_tokens: 1_000_000 } });
    expect(answer).toMatchObject({
      matched: 1,
      reopened: 0,
      faults: [
        {
          code: 'invalid_request',
          request_id: id,
          errors: [{ pointer: '/converse/inferenceConfig/maxTokens', code: 'max_tokens_too_large' }],
        },
      ],
    });
    expect(itemOf(world, id).status).toBe('failed');
  });

  it('moves a request to another pool', async () => {
    const models = {
      haiku: { model_id: 'model-haiku', quota: { tokens_per_minute: 10_000_000 } },
      sonnet: { model_id: 'model-sonnet', quota: { tokens_per_minute: 10_000_000 } },
    };
    const patient = createPatient({ settings: { models } });
    const { world } = patient;
    const [id = ''] = await killPrompts(patient, ['a'], { model: 'haiku' });
    expect(await redrive(world, { set: { model: 'sonnet' } })).toMatchObject({ reopened: 1 });
    expect(itemOf(world, id)).toMatchObject({ pool: 'sonnet', status: 'queued' });
    expect(world.queues.bodies('hold-sonnet-normal-express')).toHaveLength(1);
    expect(world.queues.bodies(NORMAL_LANE)).toEqual([]);
  });

  it('sends no more than so many a second', async () => {
    const patient = createPatient();
    const { world } = patient;
    await killPrompts(patient, ['a', 'b', 'c', 'd', 'e']);
    const seconds: number[] = [];
    const beganAtMs = world.clock.monotonicMs();
    await redrive(world, { per_second: 2 }, (effect, perform) => {
      if (nameOf(effect) === 'reopener.reopen')
        seconds.push(Math.floor((world.clock.monotonicMs() - beganAtMs) / 1000));
      return perform();
    });
    expect(seconds).toEqual([0, 0, 1, 1, 2]);
  });

  it('stops when its time is up, and goes on from its cursor', async () => {
    const patient = createPatient();
    const { world } = patient;
    const prompts = Array.from({ length: 20 }, (_, index) => `p${index}`);
    await killPrompts(patient, prompts);
    const first = await redrive(world, { per_second: 1 });
    expect(first.reopened).toBeLessThan(20);
    expect(first.next_cursor).not.toBeNull();
    const second = await redrive(world, { per_second: 20, cursor: first.next_cursor });
    expect(second).toMatchObject({ next_cursor: null });
    expect(first.reopened + second.reopened).toBe(20);
  });

  it('reopens those that are named, and says why not the others', async () => {
    const patient = createPatient();
    const { world } = patient;
    const [dead = '', left = ''] = await killPrompts(patient, ['a', 'b']);
    const nobody = 'req_00000000000000000000000000';
    expect(await redrive(world, { request_ids: [dead, nobody] })).toMatchObject({
      reopened: 1,
      faults: [{ code: 'not_reopenable', request_id: nobody }],
      next_cursor: null,
    });
    expect(itemOf(world, left).status).toBe('failed');
  });

  it('heals what was reopened and never sent', async () => {
    const patient = createPatient();
    const { world } = patient;
    const [id = ''] = await killPrompts(patient, ['a']);
    patient.isWell = true;
    const lost = failing(
      (effect) => nameOf(effect) === 'queues.send' && String(effect.args[0]).startsWith('hold-'),
    );
    expect(await redrive(world, {}, lost)).toMatchObject({
      reopened: 0,
      faults: [{ code: 'temporarily_unavailable', request_id: id }],
    });
    expect(itemOf(world, id)).toMatchObject({ status: 'queued', generation: 1 });
    expect(await redrive(world)).toMatchObject({ reopened: 0, sent_again: 1, faults: [] });
    await drain(world);
    expectAllAnswered(world, [id]);
    expect(itemOf(world, id)).toMatchObject({ status: 'succeeded', generation: 1 });
  });

  it('is told once more that it has won, when the answer of its write was lost', async () => {
    const patient = createPatient();
    const { world } = patient;
    const [id = ''] = await killPrompts(patient, ['a']);
    const retried = chain((effect, perform) =>
      nameOf(effect) === 'reopener.reopen' ? perform().then(perform) : perform(),
    );
    expect(await redrive(world, {}, retried)).toMatchObject({ reopened: 1 });
    expect(itemOf(world, id).generation).toBe(1);
  });

  it('reopens once, however many come at once', async () => {
    const patient = createPatient();
    const { world } = patient;
    const [id = ''] = await killPrompts(patient, ['a']);
    patient.isWell = true;
    const answers = await Promise.all([redrive(world), redrive(world), redrive(world)]);
    expect(answers.map(({ reopened }) => reopened).reduce((sum, count) => sum + count, 0)).toBe(1);
    await drain(world);
    expect(itemOf(world, id)).toMatchObject({ status: 'succeeded', generation: 1, attempts: 1 });
    expect(world.model.prompts()).toEqual(['a', 'a']);
  });

  it('leaves alone what dies again meanwhile', async () => {
    const patient = createPatient();
    const { world } = patient;
    const [id = ''] = await killPrompts(patient, ['a']);
    await redrive(world);
    await drain(world);
    expect(itemOf(world, id)).toMatchObject({
      status: 'failed',
      generation: 1,
      earlier: [{ generation: 0 }],
    });
    expect(await list(world)).toMatchObject([{ generation: 1, earlier: [{ generation: 0 }] }]);
    expect(world.queues.bodies(LETTERS).map((body) => JSON.parse(body))).toMatchObject([{ generation: 1 }]);
    patient.isWell = true;
    await redrive(world);
    await drain(world);
    expect(itemOf(world, id)).toMatchObject({ status: 'succeeded', generation: 2 });
  });

  it('answers a replay with the same request, which runs as it was reopened', async () => {
    const patient = createPatient();
    const { world } = patient;
    const submission = overHttp({ prompt: 'a', max_tokens: 100, idempotency_key: 'k' });
    await accept(world, [submission]);
    await drain(world);
    patient.isWell = true;
    const lost = failing(firstCalls('queues.send', 1));
    await redrive(world, { set: { max_tokens: 7 } }, lost);
    const [replay] = await accept(world, [submission]);
    expect(replay).toMatchObject({ kind: 'accepted', replayed: true, item: { generation: 1 } });
    await drain(world);
    expect(contents(world).at(-1)).toBe('answer to a');
    expect(world.model.calls.at(-1)?.request).toMatchObject({
      converse: { inferenceConfig: { maxTokens: 7 } },
    });
  });

  it('leaves what has no text, and says so', async () => {
    const patient = createPatient();
    const { world } = patient;
    const [id = ''] = await killPrompts(patient, ['a']);
    const order = await redrive(world, { dry_run: true }, async (effect, perform) =>
      nameOf(effect) === 'objects.get' ? undefined : perform(),
    );
    expect(order.faults).toMatchObject([{ code: 'not_reopenable', request_id: id }]);
  });

  it('opens nothing again of a batch that was canceled', async () => {
    const patient = createPatient();
    const { world } = patient;
    const { batchId } = await acceptedBatch(world, { requests: [{ prompt: 'm', max_tokens: 9 }] });
    await splitAll(world);
    await drain(world);
    await world.batches.change(batchId, ['ended'], { cancelInitiatedAtMs: world.clock.nowMs() });
    expect(await redrive(world)).toMatchObject({
      reopened: 0,
      faults: [{ code: 'not_reopenable', detail: `Its batch ${batchId} was canceled.` }],
    });
  });

  it('counts a tenant’s reopened requests as waiting, until they end', async () => {
    const patient = createPatient();
    const { world } = patient;
    await killPrompts(patient, ['a', 'b']);
    patient.isWell = true;
    await redrive(world);
    expect(await world.tenants.addWaiting('haiku', 'default', 0)).toBe(2);
    await drain(world);
    expect(await world.tenants.addWaiting('haiku', 'default', 0)).toBe(0);
  });

  it('wakes the pool', async () => {
    const patient = createPatient();
    const { world } = patient;
    await killPrompts(patient, ['a']);
    const before = world.queues.bodies('wake').length;
    await redrive(world);
    expect(world.queues.bodies('wake')).toHaveLength(before + 1);
  });

  it('leaves what a second life of is in hand to it', async () => {
    const patient = createPatient();
    const { world } = patient;
    const [id = ''] = await killPrompts(patient, ['a']);
    patient.isWell = true;
    await redrive(world);
    world.queues.duplicate(NORMAL_LANE);
    await drain(world);
    expect(world.model.prompts()).toEqual(['a', 'a']);
    expectAllAnswered(world, [id]);
    await acceptPrompts(world, ['b']);
    await drain(world);
    expect(world.model.prompts()).toEqual(['a', 'a', 'b']);
  });
});
