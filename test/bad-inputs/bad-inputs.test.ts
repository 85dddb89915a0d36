import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { askBothDoors } from './ask-doors.ts';
import { BAD_INPUT_GROUPS } from './cases.ts';
import { renderBadInputs } from './render.ts';

const published = readFileSync(resolve(__dirname, '../../docs/reference/bad-inputs.md'), 'utf8');
const all = BAD_INPUT_GROUPS.flatMap(([, inputs]) => inputs);

describe('bad inputs', () => {
  it('are answered as docs/reference/bad-inputs.md has it: write it anew with test/bad-inputs/write.ts', async () => {
    expect(await renderBadInputs()).toBe(published);
  });

  it('are many, each under a name of its own', () => {
    expect(all.length).toBeGreaterThanOrEqual(75);
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
  });

  it.each(all)(
    'such as $name are accepted at no door, and are nobody’s fault but the caller’s',
    async (input) => {
      const { http, queue, accepted } = await askBothDoors(input);
      expect(accepted).toBe(0);
      expect(http.status).toBeGreaterThanOrEqual(400);
      expect(http.status).toBeLessThan(500);
      if (queue !== undefined) expect(queue.kind).toBe(http.status === 400 ? 'set_aside' : 'refused');
      if (queue?.kind === 'refused') expect(queue.problem).toEqual(http.problem);
    },
  );

  it('are not what begins with a byte order mark', async () => {
    const answers = await askBothDoors({ name: 'a byte order mark', sent: { raw: '\uFEFF{"prompt": "x"}' } });
    expect(answers.http.status).toBe(202);
    expect(answers.queue?.kind).toBe('accepted');
  });
});
