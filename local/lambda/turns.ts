/** Lets so many in at a time; the others stand in line, first come first served. */
export interface Turns {
  /** Resolves with what ends the turn when it has come, or with nothing when `left` came first. */
  take(left: AbortSignal): Promise<(() => void) | undefined>;
}

export const createTurns = (atOnce: number): Turns => {
  let inside = 0;
  const line = new Set<() => void>();

  const end = (): void => {
    inside -= 1;
    const [next] = line;
    next?.();
  };

  const enter = (): (() => void) => {
    inside += 1;
    return end;
  };

  const stand = (left: AbortSignal): Promise<(() => void) | undefined> =>
    new Promise((resolve) => {
      const settle = (turn: (() => void) | undefined): void => {
        line.delete(come);
        left.removeEventListener('abort', leave);
        resolve(turn);
      };
      const come = (): void => settle(enter());
      const leave = (): void => settle(undefined);
      line.add(come);
      left.addEventListener('abort', leave);
    });

  return {
    take: async (left) => {
      if (left.aborted) return undefined;
      return inside < atOnce ? enter() : stand(left);
    },
  };
};
