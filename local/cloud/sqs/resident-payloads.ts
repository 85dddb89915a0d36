import type { MessagePayload } from './message-content.ts';

/** Bodies kept in memory, in UTF-16 units; what does not fit is read back from disk when it is received. */
const RESIDENT_UNITS = 128 * 1024 * 1024;

/** The payloads that fit into memory, by seq. */
export class ResidentPayloads {
  readonly #payloads = new Map<number, MessagePayload>();
  readonly #limit: number;
  #units = 0;

  constructor(limit = RESIDENT_UNITS) {
    this.#limit = limit;
  }

  get(seq: number): MessagePayload | undefined {
    return this.#payloads.get(seq);
  }

  keep(seq: number, payload: MessagePayload): void {
    const units = payload.body.length;
    if (this.#units + units > this.#limit) return;
    this.#payloads.set(seq, payload);
    this.#units += units;
  }

  drop(seq: number): void {
    const payload = this.#payloads.get(seq);
    if (payload === undefined) return;
    this.#payloads.delete(seq);
    this.#units -= payload.body.length;
  }
}
