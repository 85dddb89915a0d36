import type { Palette } from '../colour.ts';
import type { RunFigures } from './run-figures.ts';

export const renderCount = (value: number): string => value.toLocaleString('en-US');

export const renderRequests = (count: number): string =>
  `${renderCount(count)} request${count === 1 ? '' : 's'}`;

const renderTokens = (tokens: number): string => {
  if (tokens < 10_000) return renderCount(tokens);
  return tokens < 10_000_000 ? `${(tokens / 1000).toFixed(0)}k` : `${(tokens / 1_000_000).toFixed(1)}M`;
};

export const renderUsd = (usd: number): string => `$${usd < 1 ? usd.toFixed(4) : usd.toFixed(2)}`;

export const renderSeconds = (seconds: number): string => {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
};

const renderCost = ({ costUsd, expectedCostUsd }: RunFigures): string | undefined => {
  if (costUsd === null) return undefined;
  const expected = expectedCostUsd === null ? '' : ` of about ${renderUsd(expectedCostUsd)}`;
  return `${renderUsd(costUsd)}${expected}`;
};

type Parts = readonly (string | undefined)[];

const countsOf = ({ total, succeeded, failed, inFlight }: RunFigures): Parts => {
  const waiting = total - succeeded - failed;
  const running = Math.min(inFlight, waiting);
  return [
    `${renderCount(succeeded)} of ${renderCount(total)} done`,
    `${renderCount(failed)} failed`,
    `${renderCount(waiting)} waiting${running === 0 ? '' : ` (${running} running)`}`,
  ];
};

const useOf = (figures: RunFigures): Parts => {
  const { inputTokens, outputTokens, quotaShare, throttles, held } = figures;
  return [
    quotaShare === null ? undefined : `quota ${Math.round(quotaShare * 100)} %`,
    `${renderTokens(inputTokens + outputTokens)} tokens`,
    renderCost(figures),
    throttles === null ? undefined : `${renderCount(throttles)} throttles`,
    held ?? undefined,
  ];
};

const renderEta = ({ total, succeeded, failed, etaSeconds }: RunFigures): string | undefined => {
  if (succeeded + failed === total) return undefined;
  return etaSeconds === null ? 'no ETA yet' : `ready in ${renderSeconds(etaSeconds)}`;
};

const isThere = (part: string | undefined): part is string => part !== undefined;

/** One line, for people and for logs. */
export const renderProgress = (figures: RunFigures): string =>
  [...countsOf(figures), ...useOf(figures), renderEta(figures)].filter(isThere).join(' · ');

const BAR_WIDTH = 20;

const renderBar = ({ total, succeeded, failed }: RunFigures, { green, red, dim }: Palette): string => {
  const width = (count: number): number => (total === 0 ? 0 : Math.floor((count / total) * BAR_WIDTH));
  const good = width(succeeded);
  const bad = failed > 0 ? Math.max(1, width(failed)) : 0;
  return `${green('━'.repeat(good))}${red('━'.repeat(bad))}${dim('━'.repeat(Math.max(0, BAR_WIDTH - good - bad)))}`;
};

/** The first of them that fit. */
const fitting = (parts: Parts, room: number): string => {
  const kept: string[] = [];
  for (const part of parts.filter(isThere)) {
    if ([...kept, part].join(' · ').length > room) break;
    kept.push(part);
  }
  return kept.join(' · ');
};

/** The same for a terminal, in two lines: a bar and how far it is, and what it takes. No wider than the screen. */
export const renderLive = (figures: RunFigures, palette: Palette, columns: number): readonly string[] => {
  const [done, failed, waiting] = countsOf(figures);
  const counts = fitting([done, renderEta(figures), failed, waiting], columns - BAR_WIDTH - 2);
  return [`${renderBar(figures, palette)} ${counts}`, palette.dim(fitting(useOf(figures), columns - 1))];
};

/** The last word: what it came to. */
export const renderSummary = (figures: RunFigures): string => {
  const { succeeded, failed, inputTokens, outputTokens, costUsd, throttles, elapsedMs } = figures;
  return [
    `${renderCount(succeeded)} done, ${renderCount(failed)} failed in ${renderSeconds(elapsedMs / 1000)}`,
    `${renderCount(inputTokens + outputTokens)} tokens (${renderCount(inputTokens)} in, ${renderCount(outputTokens)} out)`,
    costUsd === null ? undefined : renderUsd(costUsd),
    throttles === null ? undefined : `${renderCount(throttles)} throttles`,
  ]
    .filter(isThere)
    .join(' · ');
};
