import { renderTerminal } from './render-terminal.ts';
import { Screen } from './screen.ts';

const textOf = (screen: Screen): readonly string[] =>
  screen.lines().map((line) => line.map(({ text }) => text).join(''));

describe('the recorded screen', () => {
  it('wraps at its width, and keeps looks', () => {
    const screen = new Screen(5);
    screen.write('ab\u001b[32mcd\u001b[39mefg\n\u001b[2mh\u001b[22m');

    expect(textOf(screen)).toEqual(['abcde', 'fg', 'h']);
    expect(screen.lines()[0]).toEqual([
      { text: 'ab', colour: undefined, isBold: false, isDim: false },
      { text: 'cd', colour: 'green', isBold: false, isDim: false },
      { text: 'e', colour: undefined, isBold: false, isDim: false },
    ]);
    expect(screen.lines()[2]).toMatchObject([{ text: 'h', isDim: true }]);
  });

  it('is drawn over as the progress of a run draws', () => {
    const screen = new Screen(80);
    screen.write('$ run\n\r\u001b[Jone\ntwo\r\u001b[1A\u001b[Jsaid\none more\nthree\n');

    expect(textOf(screen)).toEqual(['$ run', 'said', 'one more', 'three', '']);
  });

  it('refuses orders that it does not know', () => {
    expect(() => new Screen(80).write('\u001b[3B')).toThrow('the recorder does not know the order 3B');
  });
});

describe('the picture of a recording', () => {
  const line = (text: string) => [{ text, colour: undefined, isBold: false, isDim: false }];
  const svg = renderTerminal(
    [
      { atMs: 0, lines: [line('$ run <1>')] },
      { atMs: 1000, lines: [line('$ run <1>'), line('half')] },
      { atMs: 3000, lines: [line('$ run <1>'), line('whole')] },
    ],
    { title: 'a & b', columns: 20, restMs: 1000 },
  );

  it('holds each line once, shown while it stood there', () => {
    expect(svg.match(/<text /g)).toHaveLength(3);
    expect(svg).toContain('0%{visibility:hidden}25.00%{visibility:visible}75.00%{visibility:hidden}');
    expect(svg).toContain('0%{visibility:hidden}75.00%{visibility:visible}}');
    expect(svg).toContain('animation:4000ms step-end infinite');
  });

  it('is the end where nothing moves', () => {
    expect(svg).toMatch(/class="goes [^"]*"><tspan[^>]*>half</);
    expect(svg).toMatch(/class="stays [^"]*"><tspan[^>]*>whole</);
    expect(svg).toContain('>$ run &lt;1&gt;<');
    expect(svg).toContain('<title>a &amp; b</title>');
  });
});
