import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSubmitApp } from '../../functions/ingestion/submit-app.ts';
import { createReadApp } from '../../functions/query/read-app.ts';
import { toHttpHandler } from '../../functions/runtime/http-handler.ts';
import { type Bedrock, startBedrock } from '../../local/bedrock/start-bedrock.ts';
import { type Cloud, startCloud } from '../../local/cloud/start-cloud.ts';
import { type HttpGateway, startHttpGateway } from '../../local/lambda/http-gateway.ts';
import { toBedrockOptions } from '../../local/simulator-options.ts';
import { ROUTES } from '../../shared/contract/routes.ts';
import { acceptDepsOf, type World } from '../fakes/world.ts';
import { createKeyedWorld, giveKey } from '../functions/keyed-calls.ts';
import { AMBIGUOUS, sendRaw, statusesIn } from './raw-socket.ts';

const limits = { timeoutSeconds: 30, memoryMb: 128 };

describe('what comes over the wire', () => {
  let world: World;
  let key: string;
  let gateway: HttpGateway;
  let cloud: Cloud;
  let bedrock: Bedrock;
  let folder: string;
  const paths: string[] = [];

  beforeAll(async () => {
    world = createKeyedWorld();
    key = await giveKey(world, 'alpha');
    const deps = acceptDepsOf(world);
    const seen = (app: ReturnType<typeof createReadApp>) => {
      const handler = toHttpHandler(app);
      return (event: Parameters<typeof handler>[0], context: Parameters<typeof handler>[1]) => {
        paths.push(event.rawPath);
        return handler(event, context);
      };
    };
    gateway = await startHttpGateway({
      port: 0,
      routes: ROUTES,
      fallback: 'query',
      functions: {
        ingestion: { handler: seen(createSubmitApp(deps)), ...limits },
        query: { handler: seen(createReadApp(deps)), ...limits },
        reconciler: { handler: async () => ({ statusCode: 500 }), ...limits },
      },
    });
    folder = await mkdtemp(join(tmpdir(), 'wire-'));
    cloud = await startCloud({ dataDir: join(folder, 'data'), port: 0, region: 'us-east-1' });
    bedrock = await startBedrock(toBedrockOptions(world.settings, { latency_scale: 0 }, 0));
  });

  beforeEach(() => {
    paths.length = 0;
  });

  afterAll(async () => {
    await gateway.close();
    await bedrock.close();
    await cloud.close();
    await rm(folder, { recursive: true, force: true });
  });

  const portOf = (url: string): number => Number(new URL(url).port);

  describe.each(['gateway', 'cloud', 'simulator'] as const)('to the %s', (name) => {
    const port = (): number =>
      ({ gateway: gateway.port, cloud: portOf(cloud.endpoint), simulator: portOf(bedrock.endpoint) })[name];

    it.each(AMBIGUOUS)('hides no second request behind %s', async (_, text) => {
      const statuses = statusesIn(await sendRaw(port(), text('/v1/requests')));
      // One refusal, and the end: whatever comes behind is read as nothing.
      expect(statuses.length).toBeLessThanOrEqual(1);
      expect(statuses.filter((status) => status < 400 || (status > 499 && status !== 501))).toEqual([]);
      expect(paths).not.toContain('/smuggled');
    });
  });

  const get = (path: string, headers = ''): Promise<string> =>
    sendRaw(
      gateway.port,
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nx-api-key: ${key}\r\n${headers}\r\n`,
    );

  it.each([
    '/v1/requests/../../etc/passwd',
    '/v1/requests/%2e%2e/%2e%2e/etc/passwd',
    '/v1/requests/..%2f..%2fetc%2fpasswd',
    '/v1/requests/..%5c..%5cetc',
    '/v1/requests/%00',
    '/v1/batches/..%2f..%2fresults/results',
    '/v1/requests/pool%23haiku',
    '/v1/batches/api-keys/results',
    '//v1/requests/x',
    '/openapi.json/../../../package.json',
  ])('leads nowhere by the path %s', async (path) => {
    const answer = await get(path);
    expect(statusesIn(answer)).toEqual([expect.any(Number)]);
    expect([400, 404]).toContain(statusesIn(answer)[0]);
    expect(answer).not.toContain('root:');
  });

  it.each([
    '/health/../v1/quota',
    '/openapi.json%2f..%2fv1%2fquota',
    '/health%2f..%2fv1/quota',
    '/health;/v1/quota',
    '/health?/../v1/quota',
  ])('gets nothing without a key by the path %s', async (path) => {
    const answer = await sendRaw(
      gateway.port,
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`,
    );
    expect([400, 401, 404, 422]).toContain(statusesIn(answer)[0]);
    expect(answer).not.toContain('"pools"');
  });

  it.each([
    ['x-correlation-id', 'a%0d%0aset-cookie:%20evil=1'],
    ['x-correlation-id', 'a\rset-cookie: evil=1'],
    ['x-request-id', 'a\u0085set-cookie: evil=1'],
    ['prefer', 'wait=1%0d%0aset-cookie:evil=1'],
    ['origin', 'http://127.0.0.1%0d%0aset-cookie:evil=1'],
    ['idempotency-key', 'a%0d%0aset-cookie:evil=1'],
  ])('puts no header into an answer by %s', async (name, value) => {
    const answer = await get('/v1/requests/req_00000000000000000000000000', `${name}: ${value}\r\n`);
    expect(statusesIn(answer).length).toBe(1);
    expect(answer.split('\r\n\r\n')[0]?.toLowerCase()).not.toMatch(/^set-cookie:/m);
  });

  it('writes no object outside the folder of the cloud', async () => {
    const port = portOf(cloud.endpoint);
    const put = (path: string) =>
      sendRaw(
        port,
        `PUT ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: AWS4-HMAC-SHA256 Credential=local/20260131/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0\r\nx-amz-content-sha256: UNSIGNED-PAYLOAD\r\nContent-Length: 4\r\nConnection: close\r\n\r\nevil`,
      );
    expect(
      statusesIn(
        await sendRaw(
          port,
          'PUT /traversal HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: AWS4-HMAC-SHA256 Credential=local/20260131/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
        ),
      ),
    ).toEqual([200]);
    const answers = [];
    for (const path of [
      '/traversal/../../escaped',
      '/traversal/..%2f..%2fescaped',
      '/..%2fescaped/x',
      '/traversal/%2fetc%2fescaped',
    ])
      answers.push(...statusesIn(await put(path)));
    expect(answers.filter((status) => status >= 500)).toEqual([]);
    // At least one key of that kind was taken as what it is to S3: a name like any other.
    expect(answers).toContain(200);
    expect(await readdir(folder)).toEqual(['data']);
    expect(await readdir(join(folder, 'data'))).not.toContain('escaped');
  });
});
