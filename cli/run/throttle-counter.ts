export interface ThrottleCounter {
  readonly onLine: (line: string) => void;
  readonly count: () => number;
}

/** Counts refused calls in the metrics that the functions log. */
export const createThrottleCounter = (): ThrottleCounter => {
  let count = 0;
  return {
    onLine: (line) => {
      if (!line.includes('"ModelThrottles"')) return;
      const { ModelThrottles } = JSON.parse(line) as { readonly ModelThrottles?: unknown };
      if (typeof ModelThrottles === 'number') count += ModelThrottles;
    },
    count: () => count,
  };
};
