import { createTurns } from '../../../local/lambda/turns.ts';

const staying = new AbortController().signal;

/** Takes turns by name, and remembers whose came. */
const createLine = (atOnce: number) => {
  const turns = createTurns(atOnce);
  const came: string[] = [];
  const ends = new Map<string, () => void>();
  const take = async (name: string, left: AbortSignal = staying): Promise<void> => {
    const end = await turns.take(left);
    came.push(end === undefined ? `${name} left` : name);
    if (end !== undefined) ends.set(name, end);
  };
  const end = async (name: string): Promise<void> => {
    ends.get(name)?.();
    await new Promise(setImmediate);
  };
  return { came, take, end };
};

describe('turns', () => {
  it('are had at once while there are some, and in order after that', async () => {
    const { came, take, end } = createLine(2);
    const all = ['a', 'b', 'c', 'd'].map((name) => take(name));
    await end('none');
    expect(came).toEqual(['a', 'b']);
    await end('b');
    expect(came).toEqual(['a', 'b', 'c']);
    await end('a');
    await Promise.all(all);
    expect(came).toEqual(['a', 'b', 'c', 'd']);
  });

  it('are not kept for whoever has left the line', async () => {
    const { came, take, end } = createLine(1);
    const leaving = new AbortController();
    const all = [take('a'), take('b', leaving.signal), take('c')];
    await end('none');
    leaving.abort();
    await end('a');
    await Promise.all(all);
    expect(came).toEqual(['a', 'b left', 'c']);
  });

  it('are not given to whoever had left before', async () => {
    const { came, take } = createLine(1);
    await take('a', AbortSignal.abort());
    await take('b');
    expect(came).toEqual(['a left', 'b']);
  });
});
