import type { DimensionName } from '../quota/dimension.ts';

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html#API_runtime_Converse_Errors */
export interface ServiceError {
  readonly name: ErrorName;
  readonly status: number;
  readonly message: string;
  /** Other members of the error, as the API defines them. */
  readonly members?: Readonly<Record<string, unknown>>;
}

const statuses = {
  AccessDeniedException: 403,
  InternalServerException: 500,
  ModelErrorException: 424,
  ModelStreamErrorException: 424,
  ModelTimeoutException: 408,
  SerializationException: 400,
  ServiceUnavailableException: 503,
  ThrottlingException: 429,
  UnknownOperationException: 404,
  ValidationException: 400,
} as const;

export type ErrorName = keyof typeof statuses;

export function serviceError(name: ErrorName, message: string): ServiceError {
  return { name, status: statuses[name], message };
}

export const tooManyTokens = serviceError(
  'ThrottlingException',
  'Too many tokens, please wait before trying again.',
);

export const tooManyRequests = serviceError(
  'ThrottlingException',
  'Too many requests, please wait before trying again.',
);

export const tooManyTokensPerDay = serviceError(
  'ThrottlingException',
  'Too many tokens per day, please wait before trying again.',
);

/** One refusal names one reason: requests before days before tokens of a minute. */
export function refusalOf(lacking: readonly DimensionName[]): ServiceError {
  if (lacking.includes('rpm')) return tooManyRequests;
  return lacking.includes('tpd') ? tooManyTokensPerDay : tooManyTokens;
}

export const unknownModel = serviceError('ValidationException', 'The provided model identifier is invalid.');
