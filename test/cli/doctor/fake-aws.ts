import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FakeAnswer {
  readonly status?: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface FakeAws {
  readonly endpoint: string;
  /** By method and path; everything else is 404. `silent` never answers. */
  answer(call: string, answer: FakeAnswer | 'silent'): void;
  readonly calls: readonly string[];
  close(): Promise<void>;
}

/** What no part of the embedded cloud simulates: STS, and the half of Bedrock that knows models. */
export const startFakeAws = async (): Promise<FakeAws> => {
  const answers = new Map<string, FakeAnswer | 'silent'>();
  const calls: string[] = [];
  const respond = ({ method, url }: IncomingMessage, response: ServerResponse): void => {
    const call = `${method} ${url}`;
    calls.push(call);
    const answer = answers.get(call) ?? { status: 404, body: '{"__type":"ResourceNotFoundException"}' };
    if (answer !== 'silent') response.writeHead(answer.status ?? 200, answer.headers ?? {}).end(answer.body);
  };
  const server = createServer(respond);
  await new Promise<void>((settle) => server.listen(0, '127.0.0.1', settle));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answer: (call, answer) => void answers.set(call, answer),
    calls,
    close: async () => {
      server.closeAllConnections();
      await new Promise((settle) => server.close(settle));
    },
  };
};

export const IDENTITY: FakeAnswer = {
  body: '<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::000000000000:user/ann</Arn><Account>000000000000</Account></GetCallerIdentityResult></GetCallerIdentityResponse>',
};

export const xmlFault = (status: number, code: string, message: string): FakeAnswer => ({
  status,
  body: `<ErrorResponse><Error><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
});

export const jsonFault = (status: number, type: string, message: string): FakeAnswer => ({
  status,
  body: JSON.stringify({ message }),
  headers: { 'x-amzn-errortype': `${type}:http://internal.amazon.com/` },
});

export const availability = (more: Readonly<Record<string, unknown>> = {}): FakeAnswer => ({
  body: JSON.stringify({
    agreementAvailability: { status: 'AVAILABLE' },
    authorizationStatus: 'AUTHORIZED',
    entitlementAvailability: 'AVAILABLE',
    regionAvailability: 'AVAILABLE',
    ...more,
  }),
});
