export interface BackoffOptions {
  readonly baseMs: number;
  readonly capMs: number;
}

/** After a fault of the model service: 0.5 s doubled each time, at most 20 s, with full jitter. */
export const SERVICE_FAULT_BACKOFF: BackoffOptions = { baseMs: 500, capMs: 20_000 };

/** The wait before attempt `attempt + 1`; `random` gives [0, 1). */
export const backoffMs = (attempt: number, options: BackoffOptions, random: () => number): number =>
  Math.round(random() * Math.min(options.capMs, options.baseMs * 2 ** Math.max(0, attempt - 1)));
