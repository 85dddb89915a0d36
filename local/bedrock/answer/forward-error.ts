import { type ServiceError, serviceError, tooManyRequests } from '../faults/errors.ts';

/** What the server behind answered instead of an answer. */
export class ForwardError extends Error {
  readonly error: ServiceError;

  constructor(error: ServiceError) {
    super(error.message);
    this.error = error;
  }
}

const maxMessageCharacters = 600;

/** 200, and then something that is no chat completion. */
export function noChatCompletion(what: string): ForwardError {
  const message = `The server behind answered with something else than a chat completion${what}`;
  const error = serviceError('ModelErrorException', message.slice(0, maxMessageCharacters));
  return new ForwardError({ ...error, members: { originalStatusCode: 200 } });
}

export function refusedBehind(status: number, text: string): ForwardError {
  return new ForwardError(toServiceError(status, text.slice(0, 500)));
}

function toServiceError(status: number, text: string): ServiceError {
  const message = `The server behind answered ${status}: ${text}`;
  if (status === 429) return tooManyRequests;
  if (status === 400 || status === 422) return serviceError('ValidationException', message);
  if (status === 408 || status === 504) return serviceError('ModelTimeoutException', message);
  if (status === 503) return serviceError('ServiceUnavailableException', message);
  const isRedirect = status >= 300 && status < 400;
  const told = isRedirect
    ? `The server behind answered ${status}; prompts are not sent elsewhere, so name the right address.`
    : message;
  return { ...serviceError('ModelErrorException', told), members: { originalStatusCode: status } };
}

const timeoutCodes = ['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'];

/** It could not be reached, broke off, or spoke no HTTP. */
export function failedBehind(error: unknown): ForwardError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (timeoutCodes.includes(code)) return silentBehind();
  const message = cause instanceof Error ? cause.message : String(cause);
  return new ForwardError(
    serviceError('ServiceUnavailableException', `The server behind failed: ${message}`),
  );
}

export function silentBehind(): ForwardError {
  return new ForwardError(
    serviceError('ModelTimeoutException', 'The server behind has been silent for too long.'),
  );
}
