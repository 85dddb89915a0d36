import type { Ledger, LedgerEntry } from '../../shared/ports/ledger.ts';

export interface MemoryLedger extends Ledger {
  entries(): readonly LedgerEntry[];
}

export const createMemoryLedger = (): MemoryLedger => {
  const entries = new Map<string, LedgerEntry>();
  return {
    record: async (entry) => {
      entries.set(JSON.stringify([entry.pool, entry.segment]), entry);
    },
    entries: () => [...entries.values()],
  };
};
