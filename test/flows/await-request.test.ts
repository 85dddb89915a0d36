import { type AwaitInput, createAwaitRequest } from '../../shared/flows/await-request.ts';
import { createRequestWaits, MOST_WAITS } from '../../shared/flows/request-waits.ts';
import { type Around, failing, nameOf } from '../fakes/interpose.ts';
import { acceptDepsOf, createWorld, type World } from '../fakes/world.ts';
import { itemOf, startDrain } from './drain/drains.ts';
import { acceptPrompts } from './submissions.ts';

const LATENCY_MS = 5_000;

const worldOf = (oneProcess: boolean): World =>
  createWorld({ oneProcess, model: { latencyMs: () => LATENCY_MS } });

/** Counts the reads of many, and how many each was of. */
const countingReads =
  (reads: number[]): Around =>
  (effect, perform) => {
    if (nameOf(effect) === 'requestReader.readMany') reads.push((effect.args[0] as readonly string[]).length);
    return perform();
  };

describe('waiting for a request', () => {
  let world: World;

  beforeEach(() => {
    world = worldOf(false);
  });

  const await_ = (requestId: string, fields: Partial<AwaitInput> = {}, around?: Around) =>
    createAwaitRequest(acceptDepsOf(world, around))({
      requestId,
      tenant: 'default',
      atMostMs: 20_000,
      ...fields,
    });

  it.each([
    ['told by the drain of the same process', true],
    ['by looking', false],
  ])('ends soon after the request has ended, %s', async (_, oneProcess) => {
    world = worldOf(oneProcess);
    const [id = ''] = await acceptPrompts(world, ['x']);
    const waiting = await_(id);
    const drained = startDrain(world);
    const reading = await world.clock.run(waiting);
    expect(reading).toMatchObject({ kind: 'ended', result: { status: 'succeeded', content: 'answer to x' } });
    const finishedAtMs = itemOf(world, id).finishedAtMs ?? 0;
    expect(world.clock.nowMs() - finishedAtMs).toBeLessThan(oneProcess ? 1_000 : 3_500);
    await world.clock.run(drained);
  });

  it('gives the request as it is when the time is up', async () => {
    const [id = ''] = await acceptPrompts(world, ['x']);
    const startedAtMs = world.clock.monotonicMs();
    const waiting = await_(id, { atMostMs: 3_000 });
    world.requests.put({ ...itemOf(world, id), status: 'running' });
    expect(await world.clock.run(waiting)).toMatchObject({ kind: 'pending', request: { status: 'running' } });
    expect(world.clock.monotonicMs() - startedAtMs).toBeLessThanOrEqual(3_250);
  });

  it('does not wait for what has ended, is another’s, is not there, or is not to be waited for', async () => {
    const reads: number[] = [];
    const [ended = '', other = ''] = await acceptPrompts(world, ['x', 'y']);
    world.requests.put({ ...itemOf(world, ended), status: 'canceled', finishedAtMs: world.clock.nowMs() });
    const around = countingReads(reads);
    expect((await await_(ended, {}, around)).kind).toBe('ended');
    expect((await await_(other, { tenant: 'somebody-else' }, around)).kind).toBe('not_found');
    expect((await await_('req_00000000000000000000000000', {}, around)).kind).toBe('not_found');
    expect((await await_(other, { atMostMs: 0 }, around)).kind).toBe('pending');
    expect(reads).toEqual([]);
  });

  it('sees a deadline pass, though no drain meets the request', async () => {
    const [id = ''] = await acceptPrompts(world, ['x'], { expires_in_seconds: 3 });
    expect(await world.clock.run(await_(id))).toMatchObject({ kind: 'ended', result: { status: 'expired' } });
  });

  it('says that a request is gone which was removed meanwhile', async () => {
    const [id = ''] = await acceptPrompts(world, ['x']);
    const waiting = await_(id);
    world.requests.forget(id);
    expect(await world.clock.run(waiting)).toEqual({ kind: 'not_found' });
  });

  it('looks for everybody together, less often the longer it takes', async () => {
    const reads: number[] = [];
    const ids = await acceptPrompts(
      world,
      Array.from({ length: 120 }, (_, index) => `p-${index}`),
    );
    const deps = acceptDepsOf(world, countingReads(reads));
    const wait = createAwaitRequest(deps);
    const waiting = Promise.all(
      ids.map((requestId) => wait({ requestId, tenant: 'default', atMostMs: 20_000 })),
    );
    await world.clock.run(waiting);
    // After ¼, ¾, 1¾, 3¾, then every 2 seconds: 12 looks, each of all.
    expect(reads.length).toBeLessThanOrEqual(13);
    expect(new Set(reads)).toEqual(new Set([120]));
  });

  it('looks at nothing until the time is up, where ends are told', async () => {
    world = worldOf(true);
    const reads: number[] = [];
    const [id = ''] = await acceptPrompts(world, ['x']);
    await world.clock.run(await_(id, { atMostMs: 10_000 }, countingReads(reads)));
    expect(reads).toEqual([1]);
  });

  it('reads once for several who wait for the same request', async () => {
    world = worldOf(true);
    const reads: number[] = [];
    const [id = ''] = await acceptPrompts(world, ['x']);
    const wait = createAwaitRequest(acceptDepsOf(world, countingReads(reads)));
    const input = { requestId: id, tenant: 'default', atMostMs: 20_000 };
    const waiting = Promise.all([wait(input), wait(input), wait(input)]);
    const drained = startDrain(world);
    const readings = await world.clock.run(waiting);
    expect(readings.map(({ kind }) => kind)).toEqual(['ended', 'ended', 'ended']);
    expect(reads).toEqual([1]);
    await world.clock.run(drained);
  });

  it('frees the place of a caller that goes away at once', async () => {
    const [id = ''] = await acceptPrompts(world, ['x']);
    const deps = acceptDepsOf(world);
    const leaving = new AbortController();
    const waiting = createAwaitRequest(deps)({
      requestId: id,
      tenant: 'default',
      atMostMs: 20_000,
      left: leaving.signal,
    });
    await world.clock.advance(1_000);
    expect(deps.waits.size()).toBe(1);
    leaving.abort();
    expect(deps.waits.size()).toBe(0);
    expect((await waiting).kind).toBe('pending');
  });

  it('goes on when a look fails, and still answers in time when all do', async () => {
    const [id = ''] = await acceptPrompts(world, ['x']);
    const around = failing((effect) => nameOf(effect) === 'requestReader.readMany');
    const startedAtMs = world.clock.monotonicMs();
    const reading = await world.clock.run(await_(id, { atMostMs: 4_000 }, around));
    expect(reading.kind).toBe('pending');
    expect(world.clock.monotonicMs() - startedAtMs).toBeLessThanOrEqual(4_500);
    expect(world.telemetry.events).toContainEqual(expect.objectContaining({ event: 'waits_not_read' }));
  });

  it('lets no more wait than there is memory for', async () => {
    const waits = createRequestWaits({
      requestReader: world.requests,
      clock: world.clock,
      telemetry: world.telemetry,
    });
    const all = Array.from({ length: MOST_WAITS }, (_, index) => waits.untilEnded(`req-${index}`, 1_000));
    expect(await waits.untilEnded('req-more', 1_000)).toEqual({ kind: 'unknown' });
    await world.clock.run(Promise.all(all));
    expect(waits.size()).toBe(0);
  });
});
