import type { Paint, Palette } from '../colour.ts';
import type { Finding, Verdict } from './finding.ts';

const SIGNS: Readonly<Record<Verdict, string>> = { ok: '✓', warning: '!', failed: '✗', skipped: '–' };

const paintOf = (palette: Palette): Readonly<Record<Verdict, Paint>> => ({
  ok: palette.green,
  warning: palette.yellow,
  failed: palette.red,
  skipped: palette.dim,
});

/** One finding a line, and below it what to do. */
export const renderFindings = (findings: readonly Finding[], palette: Palette): string => {
  const paint = paintOf(palette);
  const width = Math.max(...findings.map(({ check }) => check.length));
  return findings
    .flatMap(({ check, verdict, found, remedy }) => [
      `${paint[verdict](SIGNS[verdict])} ${check.padEnd(width)}  ${found}`,
      ...(remedy === undefined ? [] : [`  ${' '.repeat(width)}  ${remedy}`]),
    ])
    .join('\n');
};

const count = (findings: readonly Finding[], wanted: Verdict): number =>
  findings.filter(({ verdict }) => verdict === wanted).length;

export const summaryOf = (findings: readonly Finding[]): string => {
  const toMend = count(findings, 'failed');
  const toKnow = count(findings, 'warning');
  if (toMend + toKnow === 0) return 'All is well.';
  return `${toMend} to mend (✗), ${toKnow} to know (!).`;
};
