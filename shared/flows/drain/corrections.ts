import { addSpend, type Spend } from '../../core/limits/spend-limits.ts';
import type { SpendAccount } from '../../ports/spend-store.ts';
import type { DrainDeps } from './drain-deps.ts';
import { retried } from './retried.ts';

/** What calls came to beside what was reserved for them: gathered, and written once in a while. */
export interface Corrections {
  add(account: SpendAccount, by: Spend): void;
  /** Of one account; whether there was anything to write. */
  write(account: SpendAccount): Promise<boolean>;
  /** What cannot be written is kept for the next time. */
  writeAll(): Promise<void>;
  /** The last: tried for as long as is worth while. */
  close(): Promise<void>;
}

interface Owed {
  readonly account: SpendAccount;
  by: Spend;
}

const keyOf = ({ tenant, period }: SpendAccount): string => `${period} ${tenant}`;

const isNothing = ({ microdollars, tokens }: Spend): boolean => microdollars === 0 && tokens === 0;

export const createCorrections = ({
  spends,
  telemetry,
  ...waits
}: Pick<DrainDeps, 'spends' | 'telemetry' | 'clock' | 'random'>): Corrections => {
  const owed = new Map<string, Owed>();

  const add = (account: SpendAccount, by: Spend): void => {
    const known = owed.get(keyOf(account));
    if (known === undefined) owed.set(keyOf(account), { account, by });
    else known.by = addSpend(known.by, by);
  };

  const take = (account: SpendAccount): Owed | undefined => {
    const taken = owed.get(keyOf(account));
    owed.delete(keyOf(account));
    return taken === undefined || isNothing(taken.by) ? undefined : taken;
  };

  const writeOne = async (
    account: SpendAccount,
    correct: (taken: Owed) => Promise<void>,
  ): Promise<boolean> => {
    const taken = take(account);
    if (taken === undefined) return false;
    try {
      await correct(taken);
      return true;
    } catch (error) {
      add(account, taken.by);
      const { microdollars, tokens } = taken.by;
      telemetry.log('warn', 'spend_not_corrected', {
        ...account,
        microdollars,
        tokens,
        error: String(error),
      });
      return false;
    }
  };

  const once = ({ account, by }: Owed): Promise<void> => spends.correct(account, by);
  const accounts = (): readonly SpendAccount[] => [...owed.values()].map(({ account }) => account);

  return {
    add,
    write: (account) => writeOne(account, once),
    writeAll: async () => {
      await Promise.all(accounts().map((account) => writeOne(account, once)));
    },
    close: async () => {
      await Promise.all(
        accounts().map((account) => writeOne(account, (taken) => retried(waits, () => once(taken)))),
      );
    },
  };
};
