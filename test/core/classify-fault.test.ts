import { classifyFault, type Verdict } from '../../shared/core/classify-fault.ts';

const tokens: Verdict = { kind: 'throttled', code: 'throttled', scope: 'tokens' };
const requests: Verdict = { kind: 'throttled', code: 'throttled', scope: 'requests' };
const unknown: Verdict = { kind: 'throttled', code: 'throttled', scope: 'unknown' };
const today: Verdict = { kind: 'throttled_for_today', code: 'throttled_for_today' };
const again: Verdict = { kind: 'retry', code: 'service_fault' };
const rejected: Verdict = { kind: 'fail', code: 'model_rejected_request' };
const overflow: Verdict = { kind: 'fail', code: 'context_too_long' };
const denied: Verdict = { kind: 'fail', code: 'model_access_denied' };
const missing: Verdict = { kind: 'fail', code: 'model_not_found' };

describe('a fault of a model call', () => {
  it.each<[string, number | undefined, string, Verdict]>([
    ['ThrottlingException', 429, 'Too many tokens, please wait before trying again.', tokens],
    ['ThrottlingException', 429, 'Too many requests, please wait before trying again.', requests],
    ['ThrottlingException', 429, 'Rate exceeded', unknown],
    ['ThrottlingException', 429, '', unknown],
    ['ThrottlingException', undefined, 'Too many tokens, please wait before trying again.', tokens],
    ['ThrottlingException', 429, 'Too many tokens per day, please wait before trying again.', today],
    ['ThrottlingException', 429, 'Daily limit reached', today],
    ['ModelNotReadyException', 429, 'Model is not ready for inference.', unknown],
    ['SomethingNew', 429, 'Too many tokens', tokens],
    ['ServiceUnavailableException', 503, 'Bedrock is unable to process your request.', again],
    ['InternalServerException', 500, 'The system encountered an unexpected error during processing.', again],
    ['ModelErrorException', 424, 'The request failed due to an error while processing the model.', again],
    ['ModelTimeoutException', 408, 'Model took too long to respond.', again],
    ['TimeoutError', undefined, 'Connection timed out', again],
    ['AbortError', undefined, 'Request aborted', again],
    ['ConnectionError', undefined, 'read ECONNRESET', again],
    ['Error', undefined, 'socket hang up', again],
    ['SyntaxError', undefined, 'Unexpected token < in JSON at position 0', again],
    ['toString', undefined, '', again],
    ['constructor', 500, '', again],
    ['ValidationException', 400, 'messages.0: roles must alternate', rejected],
    ['ValidationException', 400, 'Malformed input request: too many tokens requested', rejected],
    ['ValidationException', 400, 'The provided model identifier is invalid.', rejected],
    ['ValidationException', 400, 'Input is too long for requested model.', overflow],
    ['ValidationException', 400, 'prompt is too long: 213462 tokens > 200000 maximum', overflow],
    [
      'ValidationException',
      400,
      'The model returned the following errors: input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000',
      overflow,
    ],
    ['ValidationException', 400, "This model's maximum context length is 131072 tokens.", overflow],
    [
      'ValidationException',
      400,
      'Too many input tokens. Max input tokens: 8192, request input token count: 9000',
      overflow,
    ],
    ['ServiceQuotaExceededException', 400, 'Your account does not have quota for this model.', rejected],
    ['BadRequest', 400, 'no', rejected],
    ['AccessDeniedException', 403, "You don't have access to the model with the specified model ID.", denied],
    ['UnrecognizedClientException', 403, 'The security token included in the request is invalid.', denied],
    ['Forbidden', 403, '', denied],
    [
      'ResourceNotFoundException',
      404,
      'Could not resolve the foundation model from the provided model identifier.',
      missing,
    ],
    ['NotFound', 404, '', missing],
  ])('named %s with status %s, "%s"', (name, status, message, verdict) => {
    expect(classifyFault({ name, status, message })).toEqual(verdict);
  });
});
