import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { type HttpGateway, startHttpGateway } from '../../../local/lambda/http-gateway.ts';

describe('a client that waits for its answer', () => {
  let gateway: HttpGateway | undefined;
  const signals = new Map<APIGatewayProxyEventV2, AbortSignal>();

  /** A function that answers when its client has gone, and says when it was invoked. */
  const serve = async (): Promise<{ invoked: Promise<void>; left: Promise<void> }> => {
    let tellInvoked = (): void => {};
    let tellLeft = (): void => {};
    const invoked = new Promise<void>((resolve) => {
      tellInvoked = resolve;
    });
    const left = new Promise<void>((resolve) => {
      tellLeft = resolve;
    });
    gateway = await startHttpGateway({
      port: 0,
      routes: [{ method: 'GET', path: '/wait', function: 'query' }],
      functions: {
        query: {
          timeoutSeconds: 30,
          memoryMb: 128,
          handler: (event) =>
            new Promise((resolve) => {
              signals.get(event)?.addEventListener('abort', () => {
                tellLeft();
                resolve({ statusCode: 200, body: 'as it is' });
              });
              tellInvoked();
            }),
        },
      },
      onEvent: (event, signal) => signals.set(event, signal),
    });
    return { invoked, left };
  };

  afterEach(async () => {
    await gateway?.close();
    gateway = undefined;
  });

  it('is known to have gone as soon as its connection is closed', async () => {
    const { invoked, left } = await serve();
    const client = new AbortController();
    const asked = fetch(`${gateway?.url}/wait`, { signal: client.signal });
    await invoked;
    client.abort();
    await expect(asked).rejects.toThrow('aborted');
    await left;
  });

  it('is answered when the gateway closes', async () => {
    const { invoked } = await serve();
    const asked = fetch(`${gateway?.url}/wait`).then((response) => response.text());
    await invoked;
    await gateway?.close();
    expect(await asked).toBe('as it is');
  });
});
