/** Nobody knows what a damaged line said: to start without it could lose messages, or bring back deleted ones. */
export class DamagedLogError extends Error {
  readonly code = 'DAMAGED_MESSAGE_LOG';

  constructor(what: string) {
    super(
      `The log of the queues is damaged: ${what}. Restore the data folder from a copy, or start with an empty one.`,
    );
    this.name = 'DamagedLogError';
  }
}
