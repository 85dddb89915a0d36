import { type Around, nameOf } from '../../fakes/interpose.ts';
import { createSimulatedProcess } from '../../fakes/simulated-process.ts';
import { createWorld, type World } from '../../fakes/world.ts';
import { acceptedBatch, splitAll } from '../batches/batches.ts';
import { acceptPrompts } from '../submissions.ts';
import { drain, expectAllAnswered, itemOf, startDrain } from './drains.ts';

// Many drains in virtual time; a busy machine takes longer than the usual five seconds.
jest.setTimeout(60_000);

/** Beyond the lease, and beyond the 31 to 34 s that attempts of so few tokens may take. */
const PAUSE_MS = 45_000;
const PROMPTS = ['p0', 'p1', 'p2', 'p3', 'p4'];

/** Stands still at the nth effect of a kind, just before or just after the world has done it. */
const pauseAt = (world: World, name: string, nth: number, moment: 'before' | 'after') => {
  const process = createSimulatedProcess(world.clock);
  let seen = 0;
  const stop = (): void => {
    process.pause();
    void world.clock.sleep(PAUSE_MS).then(process.resume);
  };
  const around: Around = async (effect, perform) => {
    if (nameOf(effect) !== name) return process.around(effect, perform);
    seen += 1;
    if (seen !== nth) return process.around(effect, perform);
    if (moment === 'before') stop();
    return process.around(effect, async () => {
      const answer = await perform();
      if (moment === 'after') stop();
      return answer;
    });
  };
  return { process, around };
};

const cases = ['pools.heartbeat', 'requests.claim', 'model.call', 'requests.finish'].flatMap((name) =>
  (['before', 'after'] as const).map((moment) => [moment, name] as const),
);

describe('a process that stands still beyond the end of small attempts', () => {
  it.each(cases)('%s %s: runs nothing twice at once, and ends all', async (moment, name) => {
    for (const maxTokens of [1, 20, 40])
      for (let nth = 1; nth <= PROMPTS.length; nth += 1) {
        const world = createWorld({ model: { latencyMs: () => 3000 } });
        const ids = await acceptPrompts(world, PROMPTS, { max_tokens: maxTokens });
        const { process, around } = pauseAt(world, name, nth, moment);
        const first = startDrain(world, { around }, process);
        await world.clock.advance(12_000);
        const second = startDrain(world);
        await world.clock.run(first);
        await world.clock.run(second);
        await world.clock.advance(70_000);
        await drain(world);
        expectAllAnswered(world, ids);
        const sent = world.model.prompts();
        const short = ids.filter(
          (id, index) =>
            itemOf(world, id).attempts < sent.filter((prompt) => prompt === PROMPTS[index]).length,
        );
        expect(short).toEqual([]);
      }
  });

  it('counts no attempt for a call that it was too late to send', async () => {
    for (let nth = 1; nth <= 6; nth += 1) {
      const world = createWorld({
        settings: { max_concurrent_executions: 1 },
        model: { latencyMs: () => 3000 },
      });
      await acceptedBatch(world, {
        requests: PROMPTS.map((prompt) => ({ prompt, max_tokens: 1 })),
      });
      await splitAll(world);
      // Whether its batch was canceled is read between its claim and its call.
      const { process, around } = pauseAt(world, 'batches.read', nth, 'after');
      await world.clock.run(startDrain(world, { around }, process));
      const attempts = world.requests.all().map((item) => item.attempts);
      expect(attempts.reduce((sum, count) => sum + count, 0)).toBe(world.model.calls.length);
      expect(world.requests.all().map(({ serviceFaults }) => serviceFaults)).toEqual([0, 0, 0, 0, 0]);
    }
  });
});
