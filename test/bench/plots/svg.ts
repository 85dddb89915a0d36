import { styleOf, type Theme, type Tone } from './theme.ts';

type Attributes = Readonly<Record<string, string | number>>;

export const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const n = (value: string | number): string =>
  typeof value === 'number' ? String(Number(value.toFixed(1))) : escapeXml(value);

export const element = (name: string, attributes: Attributes, content = ''): string => {
  const pairs = Object.entries(attributes).map(([key, value]) => ` ${key}="${n(value)}"`);
  return content === '' ? `<${name}${pairs.join('')}/>` : `<${name}${pairs.join('')}>${content}</${name}>`;
};

export interface TextOptions {
  readonly tone?: Tone;
  readonly size?: number;
  readonly bold?: boolean;
  readonly anchor?: 'start' | 'middle' | 'end';
}

export const text = (
  [x, y]: readonly [number, number],
  words: string,
  { tone = 'ink', size = 13, bold = false, anchor = 'start' }: TextOptions = {},
): string =>
  element(
    'text',
    {
      x,
      y,
      class: `f-${tone}`,
      'font-size': size,
      'text-anchor': anchor,
      ...(bold ? { 'font-weight': 700 } : {}),
    },
    escapeXml(words),
  );

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export const rect = ({ x, y, width, height }: Box, tone: Tone, more: Attributes = {}): string =>
  element('rect', { x, y, width, height, class: `f-${tone}`, ...more });

export const line = (
  [x1, y1, x2, y2]: readonly [number, number, number, number],
  tone: Tone,
  more: Attributes = {},
): string => element('line', { x1, y1, x2, y2, class: `s-${tone}`, ...more });

export type Mark = 'circle' | 'square' | 'diamond';

/** Hollow marks say that the figure is not what it seems. */
export const mark = (
  [x, y]: readonly [number, number],
  shape: Mark,
  { tone, hollow }: { readonly tone: Tone; readonly hollow: boolean },
): string => {
  const look = hollow
    ? { class: `f-surface s-${tone}`, 'stroke-width': 1.8 }
    : { class: `f-${tone} s-surface`, 'stroke-width': 1 };
  if (shape === 'circle') return element('circle', { cx: x, cy: y, r: 5.2, ...look });
  if (shape === 'square')
    return element('rect', { x: x - 4.6, y: y - 4.6, width: 9.2, height: 9.2, ...look });
  return element('path', { d: `M${n(x)},${n(y - 6.4)}l6.4,6.4l-6.4,6.4l-6.4,-6.4z`, ...look });
};

const FONT = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif";

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** For those who cannot see it. */
  readonly description: string;
  readonly body: string;
}

export const renderPicture = ({ width, height, description, body }: Picture, theme: Theme): string =>
  [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="${FONT}" role="img">`,
    `<title>${escapeXml(description)}</title>`,
    `<style>${styleOf(theme)}</style>`,
    element('rect', { width, height, rx: 8, class: 'f-surface' }),
    body,
    '</svg>',
    '',
  ].join('\n');
