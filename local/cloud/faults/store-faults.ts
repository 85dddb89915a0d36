/** What a call of a store may meet, as in AWS. */
export const STORE_FAULTS = {
  throttled: 'refused, and nothing is done',
  unavailable: 'an error of the service, and nothing is done',
  lost_answer: 'done, but the connection ends before the answer',
  silent: 'never answered, and nothing is done',
} as const;
export type StoreFault = keyof typeof STORE_FAULTS;

export const FAULTY_SERVICES = ['dynamodb', 'sqs', 's3'] as const;
export type FaultyService = (typeof FAULTY_SERVICES)[number];

export interface FaultOrder {
  readonly service: FaultyService;
  readonly fault: StoreFault;
  /** Of each call, drawn anew. */
  readonly probability: number;
  /** Only these; all when it is left out. */
  readonly operations?: readonly string[];
  /** From now on. */
  readonly endSeconds: number;
}

export interface FaultWindow extends FaultOrder {
  readonly endsAtMs: number;
}

/** S3 has no names of operations on the wire: it is told apart by its methods. */
export interface StoreCall {
  readonly service: FaultyService;
  readonly operation: string;
}

export class StoreFaults {
  readonly #nowMs: () => number;
  readonly #random: () => number;
  #windows: readonly FaultWindow[] = [];

  constructor(nowMs: () => number, random: () => number) {
    this.#nowMs = nowMs;
    this.#random = random;
  }

  get current(): readonly FaultWindow[] {
    this.#windows = this.#windows.filter(({ endsAtMs }) => endsAtMs > this.#nowMs());
    return this.#windows;
  }

  add(order: FaultOrder): void {
    this.#windows = [...this.current, { ...order, endsAtMs: this.#nowMs() + order.endSeconds * 1000 }];
  }

  clear(): void {
    this.#windows = [];
  }

  /** What this call meets, if anything. */
  meet({ service, operation }: StoreCall): StoreFault | undefined {
    if (this.#windows.length === 0) return undefined;
    return this.current.find(
      (window) =>
        window.service === service &&
        (window.operations?.includes(operation) ?? true) &&
        this.#random() < window.probability,
    )?.fault;
  }
}
