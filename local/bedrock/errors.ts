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

export const unknownModel = serviceError('ValidationException', 'The provided model identifier is invalid.');

/** A call that is denied takes nothing from the quota; what the model fails at was held, and is given back. */
export type FaultStage = 'before_quota' | 'by_model';

interface Fault {
  readonly stage: FaultStage;
  readonly error: ServiceError;
}

const faults: readonly Fault[] = [
  {
    stage: 'before_quota',
    error: serviceError(
      'AccessDeniedException',
      "You don't have access to the model with the specified model ID.",
    ),
  },
  {
    stage: 'by_model',
    error: serviceError(
      'ModelTimeoutException',
      'Model has timed out in processing the request. Try your request again.',
    ),
  },
  {
    stage: 'by_model',
    error: {
      ...serviceError('ModelErrorException', 'The model returned an error while processing the request.'),
      members: { originalStatusCode: 500 },
    },
  },
  {
    stage: 'by_model',
    error: serviceError(
      'InternalServerException',
      'The system encountered an unexpected error during processing. Try your request again.',
    ),
  },
  {
    stage: 'by_model',
    error: serviceError('ServiceUnavailableException', 'Bedrock is unable to process your request.'),
  },
];

export const faultStatuses: readonly number[] = faults.map(({ error }) => error.status);

export function faultOfStatus(status: number): Fault | undefined {
  return faults.find(({ error }) => error.status === status);
}
