/** Whether a JSON value holds more than so many values in all. Looks no further than it has to, and does not recurse. */
export const holdsMoreThan = (most: number, root: unknown): boolean => {
  const waiting: unknown[] = [root];
  let counted = 0;
  while (waiting.length > 0) {
    const value = waiting.pop();
    counted += 1;
    if (counted + waiting.length > most) return true;
    if (typeof value !== 'object' || value === null) continue;
    for (const inner of Object.values(value)) {
      waiting.push(inner);
      if (counted + waiting.length > most) return true;
    }
  }
  return false;
};
