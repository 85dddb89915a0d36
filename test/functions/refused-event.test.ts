import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { Hono } from 'hono';
import { toHttpHandler } from '../../functions/runtime/http-handler.ts';
import { contextOf, httpEventOf } from './lambda-events.ts';

const app = new Hono().all('*', (c) => c.text('asked'));

const ask = async (method: string, path: string, body?: string) => {
  const event = httpEventOf(method, path, body === undefined ? {} : { body });
  return (await toHttpHandler(app)(event, contextOf())) as APIGatewayProxyStructuredResultV2;
};

describe('an event that no request can be made of', () => {
  const errors: unknown[][] = [];
  const { error } = console;

  beforeEach(() => {
    errors.length = 0;
    console.error = (...parts: unknown[]) => void errors.push(parts);
  });

  afterEach(() => {
    console.error = error;
  });

  it.each([
    ['GET', '/v1/quota', '{}', 422, 'invalid_request', 'A GET has no body here; send it without one.'],
    ['HEAD', '/health', 'x', 422, 'invalid_request', 'A HEAD has no body here; send it without one.'],
    [
      'TRACE',
      '/v1/requests',
      undefined,
      405,
      'method_not_allowed',
      '/v1/requests takes POST, GET, HEAD, not TRACE.',
    ],
    ['TRACK', '/nothing', undefined, 404, 'not_found', 'There is nothing at /nothing; see /openapi.json.'],
  ] as const)(
    '%s %s with the body %s is told so, and writes no stack',
    async (method, path, body, status, code, detail) => {
      const answer = await ask(method, path, body);
      expect(answer).toMatchObject({
        statusCode: status,
        headers: {
          'content-type': 'application/problem+json',
          'x-correlation-id': expect.stringMatching(/^[\da-f-]{36}$/),
        },
      });
      expect(JSON.parse(answer.body ?? '')).toMatchObject({ code, detail });
      expect(errors).toEqual([]);
    },
  );

  it('is no other: what has a body of no bytes is asked for as ever', async () => {
    expect(await ask('GET', '/v1/quota', '')).toMatchObject({ statusCode: 200, body: 'asked' });
    expect(await ask('POST', '/v1/requests', '{}')).toMatchObject({ statusCode: 200, body: 'asked' });
  });
});
