import type { MessagePayload } from './message-content.ts';

/** Bodies kept in memory, in UTF-16 units; what does not fit is read back from disk when it is received. */
const RESIDENT_UNITS = 128 * 1024 * 1024;

interface Resident {
  readonly payloads: readonly MessagePayload[];
  readonly units: number;
}

/** The payloads that fit into memory, by batch: those of a batch come and go together. */
export class ResidentPayloads {
  readonly #batches = new Map<number, Resident>();
  readonly #limit: number;
  #units = 0;

  constructor(limit = RESIDENT_UNITS) {
    this.#limit = limit;
  }

  get(batchSeq: number): readonly MessagePayload[] | undefined {
    return this.#batches.get(batchSeq)?.payloads;
  }

  keep(batchSeq: number, payloads: readonly MessagePayload[]): void {
    let units = 0;
    for (const { body } of payloads) units += body.length;
    if (this.#units + units > this.#limit) return;
    this.#batches.set(batchSeq, { payloads, units });
    this.#units += units;
  }

  drop(batchSeq: number): void {
    const resident = this.#batches.get(batchSeq);
    if (resident === undefined) return;
    this.#batches.delete(batchSeq);
    this.#units -= resident.units;
  }
}
