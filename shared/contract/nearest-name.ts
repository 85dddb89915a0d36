/** The edits (insert, delete, replace, swap neighbours) between two short names. */
const editDistance = (a: string, b: string): number => {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let best = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      );
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1])
        best = Math.min(best, (beforeLast[column - 2] ?? 0) + 1);
      current.push(best);
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length] ?? 0;
};

/** A third of the letters may differ: `max_token` and `maxTokens` find `max_tokens`, `foo` finds nothing. */
const mostEdits = (candidate: string): number => Math.max(1, Math.floor(candidate.length / 3));

/** The known name that somebody most likely meant, or nothing when none is near. */
export const nearestName = (name: string, known: readonly string[]): string | undefined => {
  const wanted = name.toLowerCase();
  const ranked = known
    // Each letter too many or too few is an edit: a name of a megabyte is compared with nothing.
    .filter((candidate) => Math.abs(candidate.length - name.length) <= mostEdits(candidate))
    .map((candidate) => ({ candidate, distance: editDistance(wanted, candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best !== undefined && best.distance <= mostEdits(best.candidate) ? best.candidate : undefined;
};
