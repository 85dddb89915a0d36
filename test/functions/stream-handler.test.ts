import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { Hono } from 'hono';
import { toStreamHandler } from '../../functions/runtime/http-handler.ts';
import { contextOf, httpEventOf } from './lambda-events.ts';

type Streaming = (event: APIGatewayProxyEventV2, out: PassThrough, context: Context) => Promise<void>;

/** What Lambda's runtime puts there, as far as it matters: the head of the answer is told apart from its body. */
const asInLambda = async (work: (heads: unknown[]) => Promise<void>): Promise<void> => {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'awslambda');
  const heads: unknown[] = [];
  const HttpResponseStream = {
    from: (out: PassThrough, head: unknown): PassThrough => {
      heads.push(head);
      return out;
    },
  };
  const streamifyResponse = (handler: Streaming): Streaming => handler;
  Object.defineProperty(globalThis, 'awslambda', {
    value: { streamifyResponse, HttpResponseStream },
    configurable: true,
  });
  try {
    await work(heads);
  } finally {
    if (before === undefined) Reflect.deleteProperty(globalThis, 'awslambda');
    else Object.defineProperty(globalThis, 'awslambda', before);
  }
};

const app = new Hono().get('/health', (c) => c.body('well', 200, { 'x-colour': 'red' }));

describe('a handler that streams', () => {
  it('is none outside of Lambda', () => {
    expect(toStreamHandler(() => ({ app, flush: () => {} }))).toBeUndefined();
  });

  it('answers with head and body, and tells its metrics after each answer', async () => {
    let made = 0;
    let flushed = 0;
    const createDoor = () => {
      made += 1;
      return { app, flush: () => (flushed += 1) };
    };
    await asInLambda(async (heads) => {
      const handler = toStreamHandler(createDoor) as Streaming;
      expect(made).toBe(0);
      for (const _ of [1, 2]) {
        const out = new PassThrough();
        const [body] = await Promise.all([
          text(out),
          handler(httpEventOf('GET', '/health'), out, contextOf()),
        ]);
        expect(body).toBe('well');
      }
      expect(heads).toEqual([
        expect.objectContaining({ statusCode: 200, headers: expect.objectContaining({ 'x-colour': 'red' }) }),
        expect.objectContaining({ statusCode: 200 }),
      ]);
    });
    expect([made, flushed]).toEqual([1, 2]);
  });

  it('tells what no request can be made of', async () => {
    await asInLambda(async (heads) => {
      const handler = toStreamHandler(() => ({ app, flush: () => {} })) as Streaming;
      const out = new PassThrough();
      const event = httpEventOf('GET', '/health', { body: '{}' });
      const [body] = await Promise.all([text(out), handler(event, out, contextOf())]);
      expect(JSON.parse(body)).toMatchObject({ code: 'invalid_request', status: 422 });
      expect(heads).toMatchObject([
        { statusCode: 422, headers: { 'content-type': 'application/problem+json' } },
      ]);
    });
  });
});
