import { layOutRows, linearScale, logScale } from './rows.ts';
import { mark, renderPicture, text } from './svg.ts';

const PLOT = layOutRows({
  title: 'A & B',
  subtitle: 'below 1 < 2',
  rows: [
    { label: 'ours', isOurs: true },
    { label: 'theirs', isOurs: false },
  ],
  columns: [{ title: 'share', scale: linearScale(2), ticks: [{ value: 1, label: '1', isBound: true }] }],
  rowHeight: 20,
  legend: [{ label: 'it', tone: 'one', shape: 'circle' }],
  draw: (_row, _column, { x, y }) => mark([x, y], 'diamond', { tone: 'two', hollow: false }),
});

describe('a picture', () => {
  test('says what it shows, with its text escaped', () => {
    const svg = renderPicture(PLOT, 'light');

    expect(svg).toContain('<title>A &amp; B. below 1 &lt; 2</title>');
    expect(svg).not.toContain('below 1 < 2');
  });

  test('follows the reader, or is of one kind for a bitmap', () => {
    expect(renderPicture(PLOT, 'either')).toContain('@media (prefers-color-scheme:dark)');
    expect(renderPicture(PLOT, 'light')).not.toContain('@media');
    expect(renderPicture(PLOT, 'dark')).not.toContain('#ffffff');
  });

  test('draws every row', () => {
    expect(PLOT.body.match(/class="f-two s-surface"/g)).toHaveLength(2);
    expect(text([1, 2], '"quoted"')).toContain('>&quot;quoted&quot;<');
  });
});

describe('scales', () => {
  test('keep within their column', () => {
    expect([-1, 0, 1, 2, 3].map(linearScale(2))).toEqual([0, 0, 0.5, 1, 1]);
    expect([0, 0.01, 1, 100, 1000].map(logScale(0.01, 100))).toEqual([0, 0, 0.5, 1, 1]);
  });
});
