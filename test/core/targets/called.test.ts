import { classifyFault } from '../../../shared/core/classify-fault.ts';
import { calledTarget } from '../../../shared/core/targets/called-target.ts';
import { lossOf } from '../../../shared/core/targets/loss-of.ts';
import { itemWith, settingsOf } from '../samples.ts';

const quota = { tokens_per_minute: 1000 };
const settings = settingsOf({
  models: {
    haiku: { model_id: 'model-a', quota, targets: [{ model_id: 'model-b', region: 'eu-west-1', quota }] },
  },
});
const context = { settings, region: 'us-east-1' };
const attemptLog = [{ epoch: 1, startedAtMs: 1, target: 'model-b@eu-west-1' }];

describe('what a request was sent to', () => {
  it('is the target of its last attempt, once it runs or has ended', () => {
    const called = { modelId: 'model-b', region: 'eu-west-1', target: 'model-b@eu-west-1' };
    expect(calledTarget(itemWith({ status: 'running', attemptLog }), context)).toEqual(called);
    expect(calledTarget(itemWith({ status: 'failed', attemptLog }), context)).toEqual(called);
  });

  it('is the pool’s own model while it waits, and where no attempt tells', () => {
    const own = { modelId: 'model-a', region: 'us-east-1' };
    expect(calledTarget(itemWith({ attemptLog }), context)).toEqual(own);
    expect(calledTarget(itemWith({ status: 'succeeded' }), context)).toEqual(own);
  });

  it('is the name of a pool that is no more', () => {
    expect(calledTarget(itemWith({ pool: 'gone' }), context)).toEqual({
      modelId: 'gone',
      region: 'us-east-1',
    });
  });
});

describe('what a failed call says about its target', () => {
  it.each([
    ['ServiceUnavailableException', 503, 'capacity'],
    ['InternalServerException', 500, 'capacity'],
    ['ModelNotReadyException', 429, 'capacity'],
    ['TimeoutError', undefined, 'capacity'],
    ['ECONNREFUSED', undefined, 'capacity'],
    ['AccessDeniedException', 403, 'barred'],
    ['ResourceNotFoundException', 404, 'barred'],
    ['ThrottlingException', 429, undefined],
    ['ValidationException', 400, undefined],
    ['ExpiredTokenException', 403, undefined],
    ['UnrecognizedClientException', 403, undefined],
    ['AbortError', undefined, undefined],
  ] as const)('is of %s (%s): %s', (name, status, loss) => {
    const fault = { name, status, message: name };
    expect(lossOf(fault, classifyFault(fault))).toBe(loss);
  });
});
