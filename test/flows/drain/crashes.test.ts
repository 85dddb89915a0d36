import { type Around, nameOf } from '../../fakes/interpose.ts';
import { rejection, serviceFault, throttle } from '../../fakes/scripted-model.ts';
import { createSimulatedProcess } from '../../fakes/simulated-process.ts';
import { createWorld, type World } from '../../fakes/world.ts';
import { acceptPrompts } from '../submissions.ts';
import { drain, expectAllAnswered, itemOf, startDrain } from './drains.ts';

// Hundreds of drains in virtual time; a busy machine takes longer than the usual five seconds.
jest.setTimeout(60_000);

type Moment = 'before' | 'after';

/** Effects that a crash can fall between; receives change nothing that visibility does not heal. */
const COUNTED = new Set([
  'pools.acquire',
  'requests.claim',
  'model.call',
  'objects.put',
  'requests.finish',
  'queues.send',
  'ledger.record',
  'ledger.isSettled',
  'tenants.addWaiting',
  'board.report',
  'board.suspect',
  'queues.remove',
  'requests.putBack',
  'pools.ended',
  'pools.release',
]);

/** Requests of every fate: answered, throttled first, shaky, rejected, expired, and one that always fails. */
const createFates = async () => {
  const world = createWorld({
    settings: { max_concurrent_executions: 3 },
    model: {
      script: ({ prompt }, before) => {
        if (prompt === 'throttled' && before === 0) return throttle;
        if (prompt === 'shaky' && before === 0) return serviceFault;
        if (prompt === 'rejected') return rejection;
        return prompt === 'hopeless' ? serviceFault : undefined;
      },
    },
  });
  const fates = ['answered', 'throttled', 'shaky', 'rejected', 'hopeless'];
  const ids = [
    ...(await acceptPrompts(world, fates)),
    ...(await acceptPrompts(world, ['expired'], { expires_in_seconds: 1, priority: 'low' })),
  ];
  await world.clock.advance(1000);
  return { world, ids };
};

const countEffects = async (): Promise<readonly string[]> => {
  const { world } = await createFates();
  const names: string[] = [];
  const around: Around = (effect, perform) => {
    if (COUNTED.has(nameOf(effect))) names.push(nameOf(effect));
    return perform();
  };
  await drain(world, { around });
  return names;
};

/** Does `act` at the nth counted effect. */
const atEffect = (
  nth: number,
  act: (perform: () => Promise<unknown>) => Promise<unknown>,
  behind: Around,
): Around => {
  let seen = 0;
  return (effect, perform) => {
    if (COUNTED.has(nameOf(effect))) seen += 1;
    return COUNTED.has(nameOf(effect)) && seen === nth
      ? behind(effect, () => act(perform))
      : behind(effect, perform);
  };
};

const crashAt = async (world: World, nth: number, moment: Moment): Promise<void> => {
  const process = createSimulatedProcess(world.clock);
  const kill = async (perform: () => Promise<unknown>): Promise<unknown> => {
    if (moment === 'after') await perform();
    process.kill();
    return undefined;
  };
  void startDrain(world, { around: atEffect(nth, kill, process.around) }, process);
  await world.clock.advance(120_000);
};

/** Each terminal state is written once: whoever comes second changes nothing. */
const recordEnds = (world: World): ReadonlyMap<string, readonly string[]> => {
  const ends = new Map<string, string[]>();
  const { finish } = world.requests;
  world.requests.finish = async (how) => {
    const before = JSON.stringify(await world.requests.read(how.requestId));
    const outcome = await finish(how);
    if (JSON.stringify(await world.requests.read(how.requestId)) !== before)
      ends.set(how.requestId, [...(ends.get(how.requestId) ?? []), how.status]);
    return outcome;
  };
  return ends;
};

const expectedEnds = ['succeeded', 'succeeded', 'succeeded', 'failed', 'failed', 'expired'];

describe('after a crash between any two effects', () => {
  it.each<[Moment, string]>([
    ['before', 'a new process that knows all earlier ones dead'],
    ['after', 'a new process that knows all earlier ones dead'],
    ['before', 'a drain that only sees leases and attempts run out'],
    ['after', 'a drain that only sees leases and attempts run out'],
  ])('%s it was done, %s ends every request once and tells it', async (moment, successor) => {
    const effects = await countEffects();
    expect(effects.length).toBeGreaterThan(30);
    for (let nth = 1; nth <= effects.length; nth += 1) {
      const { world, ids } = await createFates();
      const ends = recordEnds(world);
      await crashAt(world, nth, moment);
      if (successor.startsWith('a new process')) await world.pools.endAll('haiku');
      for (let tick = 0; tick < 3; tick += 1) {
        await drain(world);
        await world.clock.advance(60_000);
      }
      const where = `${moment} effect ${nth} (${effects[nth - 1]})`;
      expect([where, ids.map((id) => ends.get(id))]).toEqual([where, expectedEnds.map((end) => [end])]);
      expectAllAnswered(world, ids);
      // Every call was journalled before it was made: none that was paid is missing from the record.
      const paid = world.model.prompts().filter((prompt) => prompt === 'answered').length;
      expect(itemOf(world, ids[0]).attempts).toBeGreaterThanOrEqual(paid);
    }
  });
});

describe('when any one effect fails in a drain that lives on', () => {
  it.each<Moment>(['before', 'after'])(
    '%s it was done, every request ends once and is told',
    async (moment) => {
      const effects = await countEffects();
      for (let nth = 1; nth <= effects.length; nth += 1) {
        // The model and the queues answer with faults; they never throw.
        if (effects[nth - 1] === 'model.call' || effects[nth - 1] === 'queues.send') continue;
        const { world, ids } = await createFates();
        const ends = recordEnds(world);
        const fail = async (perform: () => Promise<unknown>): Promise<unknown> => {
          if (moment === 'after') await perform();
          throw new Error('injected');
        };
        const straight: Around = (_, perform) => perform();
        const failed = startDrain(world, { around: atEffect(nth, fail, straight) }).catch(() => 'rejected');
        await world.clock.run(failed);
        for (let tick = 0; tick < 3; tick += 1) {
          await world.clock.advance(60_000);
          await drain(world);
        }
        const where = `${moment} effect ${nth} (${effects[nth - 1]})`;
        expect([where, ids.map((id) => ends.get(id))]).toEqual([where, expectedEnds.map((end) => [end])]);
        expectAllAnswered(world, ids);
      }
    },
  );
});
