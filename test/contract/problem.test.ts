import fc from 'fast-check';
import { ERROR_CODE_NAMES, ERROR_CODES } from '../../shared/contract/error-codes.ts';
import { toJsonPointer } from '../../shared/contract/json-pointer.ts';
import { nearestName } from '../../shared/contract/nearest-name.ts';
import { createProblem, problemSchema } from '../../shared/contract/problem.ts';

describe('a problem', () => {
  it('has what its code says, and the remedy where no detail is given', () => {
    expect(createProblem('not_found')).toEqual({
      type: 'urn:smoother:problem:not_found',
      title: 'Not found',
      status: 404,
      detail: 'Check the path and the id; a request of another tenant is not shown.',
      code: 'not_found',
      retryable: false,
    });
  });

  it('carries the faults, the request and the instance that it is given', () => {
    const errors = [{ pointer: '/prompt', code: 'required', detail: 'is needed: a string' }] as const;

    expect(
      createProblem('invalid_request', {
        detail: 'One fault.',
        errors,
        requestId: 'req_1',
        instance: 'urn:uuid:1',
      }),
    ).toEqual({
      type: 'urn:smoother:problem:invalid_request',
      title: 'The request has faults',
      status: 422,
      detail: 'One fault.',
      code: 'invalid_request',
      retryable: false,
      instance: 'urn:uuid:1',
      errors: [{ pointer: '/prompt', code: 'required', detail: 'is needed: a string' }],
      request_id: 'req_1',
    });
  });

  it.each(ERROR_CODE_NAMES)('of code %s is as published', (code) => {
    expect(problemSchema.strict().safeParse(createProblem(code)).success).toBe(true);
  });

  it('may pass by itself only where nobody has to change the request', () => {
    const retryable = ERROR_CODE_NAMES.filter((code) => createProblem(code).retryable);

    expect(retryable).toEqual([
      'too_many_waiting',
      'backlog_too_long',
      'temporarily_unavailable',
      'store_not_well',
      'internal_error',
      'throttled',
      'throttled_for_today',
      'service_fault',
      'model_unavailable',
    ]);
    for (const code of retryable) expect([429, 500, 503]).toContain(ERROR_CODES[code].status);
  });
});

describe('the table of error codes', () => {
  it.each(ERROR_CODE_NAMES)('says what %s is and what to do about it', (code) => {
    const { status, title, remedy } = ERROR_CODES[code];

    expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(600);
    expect(title).toMatch(/^\S.*[^.]$/);
    expect(remedy).toMatch(/^[A-Z].*\.$/);
  });

  it('gives a fault the status of the problem that it is part of', () => {
    const faults = Object.values(ERROR_CODES).filter(({ disposition }) => disposition === 'fault');

    expect(new Set(faults.map(({ status }) => status))).toEqual(new Set([422]));
  });
});

describe('a JSON Pointer', () => {
  it.each([
    [[], ''],
    [['messages', 0, 'content'], '/messages/0/content'],
    [['a/b'], '/a~1b'],
    [['m~n'], '/m~0n'],
    [['~1'], '/~01'],
    [[''], '/'],
  ])('of %j is %j', (path, pointer) => {
    expect(toJsonPointer(path)).toBe(pointer);
  });

  it('can be read back to the path that it came from', () => {
    const fromPointer = (pointer: string): readonly string[] =>
      pointer
        .split('/')
        .slice(1)
        .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));

    fc.assert(
      fc.property(fc.array(fc.string({ unit: fc.constantFrom('~', '/', '0', '1', 'a') })), (path) => {
        expect(fromPointer(toJsonPointer(path))).toEqual(path);
      }),
    );
  });
});

describe('the nearest name', () => {
  const FIELDS = ['max_tokens', 'messages', 'model', 'metadata', 'top_p'];

  it.each([
    ['max_token', 'max_tokens'],
    ['maxTokens', 'max_tokens'],
    ['MAX_TOKENS', 'max_tokens'],
    ['mesages', 'messages'],
    ['mdoel', 'model'],
    ['metdata', 'metadata'],
    ['topP', 'top_p'],
    ['temperature', undefined],
    ['foo', undefined],
    ['', undefined],
  ])('to %j is %j', (name, nearest) => {
    expect(nearestName(name, FIELDS)).toBe(nearest);
  });

  it('is nothing where nothing is known', () => {
    expect(nearestName('model', [])).toBeUndefined();
  });

  it('is the name itself, where it is known', () => {
    fc.assert(
      fc.property(fc.constantFrom(...FIELDS), (name) => {
        expect(nearestName(name, FIELDS)).toBe(name);
      }),
    );
  });

  it('is found through one wrong letter', () => {
    fc.assert(
      fc.property(fc.constantFrom('max_tokens', 'messages', 'metadata'), fc.nat(), (name, seed) => {
        const place = seed % name.length;

        expect(nearestName(`${name.slice(0, place)}#${name.slice(place + 1)}`, FIELDS)).toBe(name);
      }),
    );
  });
});
