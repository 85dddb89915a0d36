/** Shorter than the 300 s after which connections that stand idle are cut, by NAT gateways or by the client. */
const LONGEST_SILENCE_MS = 280_000;

/** Everything that a stream brings; one that falls silent for too long is given up. */
export const readStream = async <T>(
  stream: AsyncIterable<T> | readonly T[],
  giveUp: (reason: Error) => void,
  longestSilenceMs: number = LONGEST_SILENCE_MS,
): Promise<readonly T[]> => {
  const events: T[] = [];
  const silent = (): void => {
    const reason = new Error(`the model sent nothing for ${longestSilenceMs} ms`);
    reason.name = 'StreamSilentError';
    giveUp(reason);
  };
  let timer = setTimeout(silent, longestSilenceMs);
  try {
    for await (const event of stream) {
      clearTimeout(timer);
      timer = setTimeout(silent, longestSilenceMs);
      events.push(event);
    }
    return events;
  } finally {
    clearTimeout(timer);
  }
};
