export interface OutgoingMessage {
  readonly body: string;
  /** Tenant, for SQS's fair queues. */
  readonly groupId?: string;
  /** Nobody receives it before; at most 900, SQS's own limit. */
  readonly delaySeconds?: number;
  /** Message attributes, all of them texts; their bytes count as the body's do. */
  readonly attributes?: Readonly<Record<string, string>>;
}

export interface ReceivedMessage {
  readonly id: string;
  readonly receipt: string;
  readonly body: string;
  readonly sentAtMs: number;
  /** What it was sent with. */
  readonly groupId?: string;
}

export interface Receipt {
  readonly queue: string;
  readonly receipt: string;
}

/** Queues by their name within the deployment. */
export interface Queues {
  /**
   * Sends all, packed by tens and by bytes. Answers with the indexes of those that were not taken, so that
   * nothing is ever taken for durable that is not; throws nothing for them.
   */
  send(queue: string, messages: readonly OutgoingMessage[]): Promise<ReadonlySet<number>>;
  /** At most ten. Never aborted: a real queue may already have hidden the messages from others. */
  receive(
    queue: string,
    options: { readonly max: number; readonly waitSeconds: number },
  ): Promise<readonly ReceivedMessage[]>;
  /** Receipts that are no longer valid are ignored: their messages come again and are found finished. */
  remove(receipts: readonly Receipt[]): Promise<void>;
  /** Zero seconds puts a message back at once. Receipts that are no longer valid are ignored. */
  setVisibility(receipts: readonly Receipt[], seconds: number): Promise<void>;
  /** About how many messages wait in it; `all` counts those that are hidden, too. */
  depth(queue: string, which?: 'visible' | 'all'): Promise<number>;
}
