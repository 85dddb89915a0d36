const LIGHT = {
  surface: '#ffffff',
  ink: '#1f2328',
  muted: '#59636e',
  grid: '#e4e8ec',
  line: '#8c959f',
  band: '#eef4ff',
  ours: '#1f6feb',
  other: '#8aa0b8',
  otherSoft: '#c9d4e0',
  bad: '#d1242f',
  one: '#0a7ea4',
  two: '#b7791f',
  three: '#7a4fd0',
  four: '#2f855a',
  five: '#a8326e',
  six: '#6b7280',
} as const;

export type Tone = keyof typeof LIGHT;

const DARK: Readonly<Record<Tone, string>> = {
  surface: '#0d1117',
  ink: '#e6edf3',
  muted: '#9aa7b4',
  grid: '#232b36',
  line: '#6e7b8a',
  band: '#121f38',
  ours: '#4f9cff',
  other: '#6b8097',
  otherSoft: '#3a4858',
  bad: '#ff6b6b',
  one: '#46b8d8',
  two: '#e3a33b',
  three: '#a98bf0',
  four: '#4fc08d',
  five: '#e06fa5',
  six: '#9aa7b4',
};

/** `either` follows what the reader's system prefers. */
export type Theme = 'light' | 'dark' | 'either';

const rulesOf = (tones: Readonly<Record<Tone, string>>): string =>
  Object.entries(tones)
    .map(([tone, colour]) => `.f-${tone}{fill:${colour}}.s-${tone}{stroke:${colour}}`)
    .join('');

export const styleOf = (theme: Theme): string => {
  if (theme !== 'either') return rulesOf(theme === 'light' ? LIGHT : DARK);
  return `${rulesOf(LIGHT)}@media (prefers-color-scheme:dark){${rulesOf(DARK)}}`;
};
