import { request } from 'node:http';
import { connect } from 'node:http2';
import { json } from 'node:stream/consumers';
import { type Bedrock, startBedrock } from '../../../local/bedrock/start-bedrock.ts';

let bedrock: Bedrock;
beforeEach(async () => {
  bedrock = await startBedrock({
    port: 0,
    models: { m: { tokensPerMinute: 6_000, burndown: 1 } },
    latencyScale: 0,
  });
});
afterEach(() => bedrock.close());

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** fetch would not let a test name another host or origin. */
async function overHttp1({ method, path, headers, body }: Sent): Promise<unknown> {
  const asked = request(`${bedrock.endpoint}${path}`, { method, headers });
  asked.end(body);
  return new Promise((resolve, reject) => {
    asked.on('error', reject);
    asked.on('response', async (response) => {
      resolve({ status: response.statusCode, body: await json(response) });
    });
  });
}

async function overHttp2({ method, path, headers, body }: Sent): Promise<unknown> {
  const session = connect(bedrock.endpoint);
  const stream = session.request({ ':method': method, ':path': path, ...headers });
  const status = new Promise((resolve) => stream.on('response', (head) => resolve(head[':status'])));
  stream.end(body);
  const answer = { body: await json(stream), status: await status };
  session.close();
  return answer;
}

const converse: Sent = {
  method: 'POST',
  path: '/model/m/converse',
  headers: {},
  body: JSON.stringify({ messages: [{ role: 'user', content: [{ text: 'hello' }] }] }),
};
const addFault: Sent = { method: 'POST', path: '/_sim/faults', headers: {}, body: '{"fault":"503"}' };
const readTruth: Sent = { method: 'GET', path: '/_sim/truth?calls=1', headers: {} };

describe('a page of another site', () => {
  it.each([
    ['HTTP/1.1', () => overHttp1({ ...readTruth, headers: { host: 'evil.example:8788' } })],
    ['HTTP/2', () => overHttp2({ ...readTruth, headers: { ':authority': 'evil.example:8788' } })],
  ])('whose name leads here reads nothing of the admin API over %s', async (_protocol, ask) => {
    const refusal = 'Only this machine may ask: use http://127.0.0.1, got the host "evil.example:8788".';
    expect(await ask()).toEqual({ status: 403, body: { message: refusal, faults: [refusal] } });
  });

  it('changes no fault by a request that browsers send unasked', async () => {
    const sent = { ...addFault, headers: { origin: 'https://evil.example', 'content-type': 'text/plain' } };
    expect(await overHttp1(sent)).toMatchObject({ status: 403 });
    expect(await overHttp1({ method: 'GET', path: '/_sim/faults', headers: {} })).toEqual({
      status: 200,
      body: { faults: [] },
    });
  });

  it.each([
    ['HTTP/1.1 by its origin', overHttp1, { origin: 'http://evil.example' }],
    ['HTTP/1.1 by its host', overHttp1, { host: 'evil.example:8788' }],
    ['HTTP/2 by its origin', overHttp2, { origin: 'http://evil.example' }],
    ['HTTP/2 by its host', overHttp2, { ':authority': 'evil.example:8788' }],
  ])('calls no model over %s', async (_what, send, headers) => {
    expect(await send({ ...converse, headers: headers as Record<string, string> })).toEqual({
      status: 403,
      body: {
        message:
          'The simulator answers programs and pages of this machine only: its Host or Origin header names another site.',
      },
    });
    expect(bedrock.truth()).toMatchObject({ calls: 0 });
  });
});

describe('this machine', () => {
  it.each([
    ['a page of its own', { origin: 'http://localhost:3000' }],
    ['a program that knows it by another name', { host: 'host.docker.internal:8788' }],
  ])('lets %s call models', async (_who, headers) => {
    expect(await overHttp1({ ...converse, headers })).toMatchObject({ status: 200 });
  });

  it.each([
    ['HTTP/1.1', overHttp1],
    ['HTTP/2', overHttp2],
  ])('lets a program use the admin API over %s', async (_protocol, send) => {
    expect(await send(addFault)).toMatchObject({ status: 201, body: { fault: '503' } });
  });
});
