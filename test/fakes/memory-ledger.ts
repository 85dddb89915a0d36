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
    isSettled: async (pool, atMs, segment) => {
      const entry = entries.get(JSON.stringify([pool, segment]));
      return entry?.unsettled === 0 && Math.floor(entry.atMs / 3_600_000) === Math.floor(atMs / 3_600_000);
    },
    entries: () => [...entries.values()],
  };
};
