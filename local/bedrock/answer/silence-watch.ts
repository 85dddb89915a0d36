export interface SilenceWatch {
  /** Fires when the client leaves or nothing was heard for too long. */
  readonly signal: AbortSignal;
  readonly heard: () => void;
  readonly fired: () => boolean;
  readonly stop: () => void;
}

/** Real milliseconds: the server behind knows nothing of a faster clock. */
export function watchSilence(silenceMs: number, left: AbortSignal): SilenceWatch {
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), silenceMs);
  return {
    signal: AbortSignal.any([left, silence.signal]),
    heard: () => timer.refresh(),
    fired: () => silence.signal.aborted,
    stop: () => clearTimeout(timer),
  };
}
