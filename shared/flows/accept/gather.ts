export interface GatherOptions {
  /** Groups under way at a time; only what comes beyond them waits for company. */
  readonly mostGroups: number;
  readonly mostEntries: number;
}

/** Ten, so that one message to SQS carries a whole group; a Lambda has one event at a time and never waits. */
export const HTTP_COMPANY: GatherOptions = { mostGroups: 2, mostEntries: 10 };

interface Waiting<Entry, Outcome> {
  readonly entry: Entry;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Makes an act that is cheaper in company usable one entry at a time. Nobody waits on a clock: an entry begins at once
 * while few groups are under way; else it goes with the next group, as soon as one has ended.
 */
export const createGather = <Entry, Outcome>(
  act: (entries: readonly Entry[]) => Promise<readonly Outcome[]>,
  { mostGroups, mostEntries }: GatherOptions,
): ((entry: Entry) => Promise<Outcome>) => {
  const waiting: Waiting<Entry, Outcome>[] = [];
  let groups = 0;

  const run = async (group: readonly Waiting<Entry, Outcome>[]): Promise<void> => {
    try {
      const outcomes = await act(group.map(({ entry }) => entry));
      for (const [index, { resolve, reject }] of group.entries()) {
        const outcome = outcomes[index];
        if (outcome === undefined) reject(new Error(`no outcome for entry ${index} of ${group.length}`));
        else resolve(outcome);
      }
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
    groups -= 1;
    begin();
  };

  const begin = (): void => {
    if (waiting.length === 0 || groups >= mostGroups) return;
    groups += 1;
    void run(waiting.splice(0, mostEntries));
  };

  return (entry) =>
    new Promise((resolve, reject) => {
      waiting.push({ entry, resolve, reject });
      begin();
    });
};
