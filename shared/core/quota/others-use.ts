import type { UseReading } from '../../contract/use-reading.ts';

/** Sums of five minutes: a call is counted when it ends, here and there at slightly different moments. */
export const WINDOW_MS = 5 * 60_000;
/** Metrics of AWS may be late by so much. */
const LATE_MS = 5 * 60_000;
/** The busiest stretch of the last hour is what others may use again. */
const KEEP_MS = 60 * 60_000;
const LOOK_EVERY_MS = 5 * 60_000;
const MINUTES_OF_WINDOW = WINDOW_MS / 60_000;

export interface TokensUsed {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheWriteTokens: number;
}

export type UseByWindow = ReadonlyMap<number, TokensUsed>;

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

const ofModel = (reading: UseReading | undefined, modelId: string): UseReading | undefined =>
  reading?.model_id === modelId ? reading : undefined;

export const isLookDue = (reading: UseReading | undefined, modelId: string, nowMs: number): boolean =>
  nowMs - (ofModel(reading, modelId)?.looked_at_ms ?? Number.NEGATIVE_INFINITY) >= LOOK_EVERY_MS;

/** The whole windows of the last hour that are not known yet; nothing when there are none. */
export const spanToRead = (
  reading: UseReading | undefined,
  modelId: string,
  nowMs: number,
): Span | undefined => {
  const toMs = Math.floor((nowMs - LATE_MS) / WINDOW_MS) * WINDOW_MS;
  const known = ofModel(reading, modelId)?.windows.at(-1);
  const fromMs = Math.max(toMs - KEEP_MS, known === undefined ? 0 : known.from_ms + WINDOW_MS);
  return fromMs < toMs ? { fromMs, toMs } : undefined;
};

const NONE: TokensUsed = { inputTokens: 0, outputTokens: 0, cacheWriteTokens: 0 };

const quotaTokens = (used: TokensUsed, burndown: number): number =>
  used.inputTokens + used.cacheWriteTokens + burndown * used.outputTokens;

export interface Looked {
  readonly modelId: string;
  readonly burndown: number;
  readonly nowMs: number;
  readonly span: Span;
  readonly ofAll: UseByWindow;
  readonly ofOurs: UseByWindow;
}

/** What is written down after a look; a window that nobody tells of was one without calls. */
export const withUse = (
  before: UseReading | undefined,
  { modelId, burndown, nowMs, span, ofAll, ofOurs }: Looked,
): UseReading => {
  const known = ofModel(before, modelId)?.windows ?? [];
  const fresh = [];
  for (let fromMs = span.fromMs; fromMs < span.toMs; fromMs += WINDOW_MS) {
    const all = quotaTokens(ofAll.get(fromMs) ?? NONE, burndown);
    const ours = quotaTokens(ofOurs.get(fromMs) ?? NONE, burndown);
    fresh.push({ from_ms: fromMs, tokens: Math.max(0, all - ours) });
  }
  const kept = [...known, ...fresh].filter(({ from_ms }) => from_ms >= span.toMs - KEEP_MS);
  return { model_id: modelId, looked_at_ms: nowMs, windows: kept };
};

/** After a look that failed: what was known stays. */
export const withoutUse = (
  before: UseReading | undefined,
  { modelId, nowMs, fault }: { readonly modelId: string; readonly nowMs: number; readonly fault: string },
): UseReading => ({
  model_id: modelId,
  looked_at_ms: nowMs,
  fault,
  windows: ofModel(before, modelId)?.windows ?? [],
});

/** Quota tokens a minute in the busiest five minutes of those kept; nothing while none is known. */
export const othersPerMinute = (reading: UseReading | undefined, modelId: string): number | undefined => {
  const windows = ofModel(reading, modelId)?.windows ?? [];
  return windows.length === 0
    ? undefined
    : Math.ceil(Math.max(...windows.map(({ tokens }) => tokens)) / MINUTES_OF_WINDOW);
};
