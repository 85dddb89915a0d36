const STATUSES = {
  BatchEntryIdsNotDistinct: 400,
  BatchRequestTooLong: 400,
  EmptyBatchRequest: 400,
  InvalidAction: 400,
  InvalidBatchEntryId: 400,
  InvalidParameter: 400,
  NotFound: 404,
  TooManyEntriesInBatchRequest: 400,
} as const;

export type SnsErrorCode = keyof typeof STATUSES;

/** A refusal that SNS itself would give: the sender's fault. */
export class SnsError extends Error {
  readonly code: SnsErrorCode;

  constructor(code: SnsErrorCode, message: string) {
    super(message);
    this.code = code;
  }

  get status(): number {
    return STATUSES[this.code];
  }
}

export function invalidParameter(name: string, reason: string): SnsError {
  return new SnsError('InvalidParameter', `Invalid parameter: ${name} Reason: ${reason}`);
}

export function unsupported(name: string): SnsError {
  return invalidParameter(name, 'it is not supported by this local cloud');
}
