/** A batch of ours by the name that others' ids begin with. */
export const toDialectBatchId = (prefix: string, batchId: string): string => batchId.replace(/^bat_/, prefix);

export const fromDialectBatchId = (prefix: string, id: string): string =>
  id.startsWith(prefix) ? `bat_${id.slice(prefix.length)}` : id;
