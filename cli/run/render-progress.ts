import type { Palette } from '../colour.ts';
import type { RunFigures } from './run-figures.ts';

export const renderCount = (value: number): string => value.toLocaleString('en-US');

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

const partsOf = (figures: RunFigures): readonly (string | undefined)[] => {
  const { total, succeeded, failed, inFlight, quotaShare, throttles, etaSeconds, held } = figures;
  const waiting = total - succeeded - failed;
  return [
    `${renderCount(succeeded)} of ${renderCount(total)} done`,
    `${renderCount(failed)} failed`,
    `${renderCount(waiting)} waiting${inFlight === 0 ? '' : ` (${Math.min(inFlight, waiting)} running)`}`,
    quotaShare === null ? undefined : `quota ${Math.round(quotaShare * 100)} %`,
    `${renderTokens(figures.inputTokens + figures.outputTokens)} tokens`,
    renderCost(figures),
    throttles === null ? undefined : `${renderCount(throttles)} throttles`,
    held ?? undefined,
    waiting === 0 ? undefined : etaSeconds === null ? 'no ETA yet' : `ready in ${renderSeconds(etaSeconds)}`,
  ];
};

const isThere = (part: string | undefined): part is string => part !== undefined;

/** One line, for people and for logs. */
export const renderProgress = (figures: RunFigures): string => partsOf(figures).filter(isThere).join(' · ');

const BAR_WIDTH = 20;

const renderBar = ({ total, succeeded, failed }: RunFigures, { green, red, dim }: Palette): string => {
  const width = (count: number): number => (total === 0 ? 0 : Math.floor((count / total) * BAR_WIDTH));
  const good = width(succeeded);
  const bad = failed > 0 ? Math.max(1, width(failed)) : 0;
  return `${green('━'.repeat(good))}${red('━'.repeat(bad))}${dim('━'.repeat(Math.max(0, BAR_WIDTH - good - bad)))}`;
};

/** The same for a terminal: with a bar, and never wider than its screen, where it could not be drawn over. */
export const renderLive = (figures: RunFigures, palette: Palette, columns: number): string => {
  const room = columns - BAR_WIDTH - 2;
  const kept: string[] = [];
  for (const part of partsOf(figures).filter(isThere)) {
    if ([...kept, part].join(' · ').length > room) break;
    kept.push(part);
  }
  return `${renderBar(figures, palette)} ${kept.join(' · ')}`;
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
