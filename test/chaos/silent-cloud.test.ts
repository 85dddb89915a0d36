import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ListQueuesCommand } from '@aws-sdk/client-sqs';
import type { Endpoints } from '../../local/service-addresses.ts';
import { createSqs } from '../end-to-end/clients.ts';

describe('a client of a cloud that has fallen silent', () => {
  it('does not wait for good, and asks again', async () => {
    let asked = 0;
    const server = createServer(() => {
      asked += 1;
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const sqs = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const client = createSqs({ endpoints: { sqs } as Endpoints, region: 'us-east-1' }, 50);
    await expect(client.send(new ListQueuesCommand({}))).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(asked).toBe(3);
    client.destroy();
    server.closeAllConnections();
    server.close();
  });
});
