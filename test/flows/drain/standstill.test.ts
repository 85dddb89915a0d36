import { nameOf } from '../../fakes/interpose.ts';
import { createWorld } from '../../fakes/world.ts';
import { acceptPrompts } from '../submissions.ts';
import { drain, expectAllAnswered, itemOf } from './drains.ts';

describe('a drain whose process stands still while it claims', () => {
  it('sends no call under a claim that is all but over, and counts no attempt for it', async () => {
    const world = createWorld();
    const ids = await acceptPrompts(world, ['hello'], { max_tokens: 10 });
    let stood = false;
    const outcome = await drain(world, {
      around: async (effect, perform) => {
        const answer = await perform();
        if (nameOf(effect) === 'requests.claim' && !stood) {
          stood = true;
          // A claim for ten tokens lives 31 s.
          await world.clock.sleep(30_000);
        }
        return answer;
      },
    });
    expect(outcome).toMatchObject({ kind: 'worked', finished: 1 });
    expectAllAnswered(world, ids);
    expect(world.model.calls).toHaveLength(1);
    expect(itemOf(world, ids[0])).toMatchObject({ attempts: 1, claims: 2 });
  });
});
