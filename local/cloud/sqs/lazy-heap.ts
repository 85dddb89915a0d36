const SMALLEST_SWEEP = 1024;
const SMALLEST_CUT = 1024;

/**
 * A binary heap whose entries may go stale while inside: `isLive` says which still count. Stale entries are
 * dropped when they reach the top, and all together when the heap has doubled since the last sweep, so taking
 * an entry out from the middle costs nothing and memory stays proportional to the live entries.
 *
 * Entries that come in order, as times do, are kept in a row beside the heap, where each costs the same however
 * many there are.
 */
export class LazyHeap<T> {
  readonly #isBefore: (a: T, b: T) => boolean;
  readonly #isLive: (entry: T) => boolean;
  #entries: T[] = [];
  #row: T[] = [];
  /** What is before this place in the row is gone. */
  #rowStart = 0;
  #sweepAt = SMALLEST_SWEEP;

  constructor(isBefore: (a: T, b: T) => boolean, isLive: (entry: T) => boolean) {
    this.#isBefore = isBefore;
    this.#isLive = isLive;
  }

  /** Entries held, stale ones included. */
  get size(): number {
    return this.#entries.length + this.#row.length - this.#rowStart;
  }

  push(entry: T): void {
    if (this.size >= this.#sweepAt) this.#sweep();
    const last = this.#row.at(-1);
    if (last === undefined || !this.#isBefore(entry, last)) {
      this.#row.push(entry);
      return;
    }
    this.#entries.push(entry);
    this.#rise(this.#entries.length - 1);
  }

  peek(): T | undefined {
    for (;;) {
      const top = this.#isRowFirst() ? this.#row[this.#rowStart] : this.#entries[0];
      if (top === undefined || this.#isLive(top)) return top;
      this.#removeTop();
    }
  }

  /** The live ones, in no order. */
  all(): T[] {
    return [...this.#entries, ...this.#row.slice(this.#rowStart)].filter(this.#isLive);
  }

  pop(): T | undefined {
    const top = this.peek();
    if (top !== undefined) this.#removeTop();
    return top;
  }

  #sweep(): void {
    // Entries in sorted order are a valid heap.
    const order = (a: T, b: T) => Number(this.#isBefore(b, a)) - Number(this.#isBefore(a, b));
    this.#entries = this.#entries.filter(this.#isLive).sort(order);
    this.#row = this.#row.slice(this.#rowStart).filter(this.#isLive);
    this.#rowStart = 0;
    this.#sweepAt = Math.max(SMALLEST_SWEEP, 2 * this.size);
  }

  #isRowFirst(): boolean {
    const inRow = this.#row[this.#rowStart];
    const inHeap = this.#entries[0];
    return inRow !== undefined && (inHeap === undefined || !this.#isBefore(inHeap, inRow));
  }

  #removeTop(): void {
    if (this.#isRowFirst()) this.#removeFirstOfRow();
    else this.#removeTopOfHeap();
  }

  #removeFirstOfRow(): void {
    this.#rowStart++;
    if (this.#rowStart === this.#row.length) this.#row = [];
    else if (this.#rowStart >= SMALLEST_CUT && 2 * this.#rowStart >= this.#row.length)
      this.#row = this.#row.slice(this.#rowStart);
    else return;
    this.#rowStart = 0;
  }

  #removeTopOfHeap(): void {
    const last = this.#entries.pop();
    if (last === undefined || this.#entries.length === 0) return;
    this.#entries[0] = last;
    this.#sink(0);
  }

  #rise(start: number): void {
    const entries = this.#entries;
    const entry = entries[start] as T;
    let index = start;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = entries[parentIndex] as T;
      if (!this.#isBefore(entry, parent)) break;
      entries[index] = parent;
      index = parentIndex;
    }
    entries[index] = entry;
  }

  #sink(start: number): void {
    const entries = this.#entries;
    const entry = entries[start] as T;
    let index = start;
    for (;;) {
      let childIndex = 2 * index + 1;
      if (childIndex >= entries.length) break;
      const rightIndex = childIndex + 1;
      if (rightIndex < entries.length && this.#isBefore(entries[rightIndex] as T, entries[childIndex] as T)) {
        childIndex = rightIndex;
      }
      const child = entries[childIndex] as T;
      if (!this.#isBefore(child, entry)) break;
      entries[index] = child;
      index = childIndex;
    }
    entries[index] = entry;
  }
}
