import { type ServiceError, serviceError, tooManyTokens } from './errors.ts';

/**
 * | kind         | when it shows                  | what the client sees                       | quota             |
 * |--------------|--------------------------------|--------------------------------------------|-------------------|
 * | denied       | before the quota is asked      | the error                                  | untouched         |
 * | refused      | instead of asking the quota    | 429, after the wait of a refusal           | untouched         |
 * | error        | where the first token would be | the error                                  | hold given back   |
 * | stream_error | in the middle of the answer    | an error event after 200; else the error   | hold given back   |
 * | silent       | always                         | nothing, until it leaves                   | input charged     |
 * | cut          | in the middle of the answer    | its connection ends                        | produced charged  |
 * | garbage      | in the middle of the answer    | 200 and bytes that are no answer           | produced charged  |
 *
 * Every fault of an admitted call costs a request.
 */
export type Fault =
  | { readonly kind: 'denied' | 'refused' | 'error' | 'stream_error'; readonly error: ServiceError }
  | { readonly kind: 'silent' | 'cut' | 'garbage' };

const internal = serviceError(
  'InternalServerException',
  'The system encountered an unexpected error during processing. Try your request again.',
);

const unavailable = serviceError('ServiceUnavailableException', 'Bedrock is unable to process your request.');

const modelTimeout = serviceError(
  'ModelTimeoutException',
  'Model has timed out in processing the request. Try your request again.',
);

const modelError: ServiceError = {
  ...serviceError('ModelErrorException', 'The model returned an error while processing the request.'),
  members: { originalStatusCode: 500 },
};

const streamError: ServiceError = {
  ...serviceError(
    'ModelStreamErrorException',
    'The model stopped while it was answering. Retry your request.',
  ),
  members: { originalStatusCode: 500, originalMessage: 'simulated' },
};

const denied = serviceError(
  'AccessDeniedException',
  "You don't have access to the model with the specified model ID.",
);

const invalidInStream = serviceError('ValidationException', 'The model cannot go on with this input.');

const faults = {
  '403': { kind: 'denied', error: denied },
  '408': { kind: 'error', error: modelTimeout },
  '424': { kind: 'error', error: modelError },
  '429': { kind: 'refused', error: tooManyTokens },
  '500': { kind: 'error', error: internal },
  '503': { kind: 'error', error: unavailable },
  silent: { kind: 'silent' },
  cut: { kind: 'cut' },
  garbage: { kind: 'garbage' },
  stream_internal: { kind: 'stream_error', error: internal },
  stream_model_error: { kind: 'stream_error', error: streamError },
  stream_throttling: { kind: 'stream_error', error: tooManyTokens },
  stream_unavailable: { kind: 'stream_error', error: unavailable },
  stream_validation: { kind: 'stream_error', error: invalidInStream },
} as const satisfies Readonly<Record<string, Fault>>;

export type FaultName = keyof typeof faults;

export function isFaultName(name: string): name is FaultName {
  return Object.hasOwn(faults, name);
}

export const faultNames: readonly string[] = Object.keys(faults);

export function faultOf(name: FaultName): Fault {
  return faults[name];
}
