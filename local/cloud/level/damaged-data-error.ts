/** What cannot be read as it was written may be anything: to start without it could lose what was acknowledged. */
export class DamagedDataError extends Error {
  readonly code = 'DAMAGED_DATA';

  constructor(what: string) {
    super(`The data is damaged: ${what}. Restore the data folder from a copy, or start with an empty one.`);
    this.name = 'DamagedDataError';
  }
}
