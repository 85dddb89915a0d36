import { readAskedWait } from '../../functions/query/asked-wait.ts';

describe('the wait that a caller asks for', () => {
  it.each([
    ['20', undefined, { kind: 'asked', seconds: 20 }],
    ['0', undefined, { kind: 'asked', seconds: 0 }],
    ['5', 'wait=20', { kind: 'asked', seconds: 5 }],
    [undefined, 'wait=20', { kind: 'asked', seconds: 20 }],
    [undefined, 'respond-async, WAIT = "7"', { kind: 'asked', seconds: 7 }],
    [undefined, 'respond-async; wait=7, x', { kind: 'asked', seconds: 7 }],
    [undefined, 'wait=soon', { kind: 'none' }],
    [undefined, 'await=7', { kind: 'none' }],
    [undefined, undefined, { kind: 'none' }],
  ])('?wait=%s and Prefer: %s is %j', (parameter, prefer, asked) => {
    expect(readAskedWait(parameter, prefer)).toEqual(asked);
  });

  it.each(['', '-1', '1.5', 'x', '1e9', '99999999999'])('?wait=%s is a fault', (parameter) => {
    expect(readAskedWait(parameter, undefined)).toEqual({
      kind: 'fault',
      fault: {
        parameter: 'wait',
        code: 'invalid_value',
        detail: `must be a whole number of seconds such as 20, not \`${parameter}\``,
      },
    });
  });
});
