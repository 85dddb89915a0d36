/** `skipped`: nothing that this command was asked about needs it. */
export type Verdict = 'ok' | 'warning' | 'failed' | 'skipped';

/** What one look showed. */
export interface Finding {
  readonly check: string;
  readonly verdict: Verdict;
  readonly found: string;
  /** What to do about it. */
  readonly remedy?: string;
}

export const ok = (check: string, found: string): Finding => ({ check, verdict: 'ok', found });

export const skipped = (check: string, found: string): Finding => ({ check, verdict: 'skipped', found });

export const warning = (check: string, found: string, remedy: string): Finding => ({
  check,
  verdict: 'warning',
  found,
  remedy,
});

export const failed = (check: string, found: string, remedy: string): Finding => ({
  check,
  verdict: 'failed',
  found,
  remedy,
});
