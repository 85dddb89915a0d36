import { rejection } from '../../fakes/scripted-model.ts';
import { createWorld, type World } from '../../fakes/world.ts';
import { accept, overHttp } from '../submissions.ts';
import { drain } from './drains.ts';

/** About 400 tokens of input, where an answered call costs about 110. */
const LONG = 'bad '.repeat(400);

const submit = (world: World, provenTenant: string, prompt: string) =>
  accept(
    world,
    Array.from({ length: 15 }, () => overHttp({ prompt, max_tokens: 100 }, { provenTenant })),
  );

describe('fairness between tenants', () => {
  it('counts the input of what the model rejects, so that bad requests do not always go first', async () => {
    const world = createWorld({
      settings: { max_concurrent_executions: 1 },
      model: { script: ({ prompt }) => (prompt === LONG ? rejection : undefined) },
    });
    await submit(world, 'bad', LONG);
    await submit(world, 'good', 'good');
    await drain(world);
    const first = world.model.prompts().slice(0, 15);
    expect(world.model.calls).toHaveLength(30);
    expect(first.filter((prompt) => prompt === 'good').length).toBeGreaterThanOrEqual(9);
  });
});
