import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import type { SimulatedRequest } from '../../../cli/simulate/simulated-request.ts';
import { type Arena, type Ask, type Contender, play } from './contender.ts';

export interface SdkOptions {
  readonly retryMode: 'standard' | 'adaptive';
  /** Each has a client of its own, which knows nothing of the others. */
  readonly processes: number;
}

const WARM_UP = 'warm-up';

const encode = (body: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(body));

const ANSWER = encode({
  output: { message: { role: 'assistant', content: [{ text: 'ok' }] } },
  stopReason: 'end_turn',
  usage: { inputTokens: 1, outputTokens: 1, totalTokens: 2 },
  metrics: { latencyMs: 1 },
});
const REFUSAL = encode({ message: 'Too many tokens, please wait before trying again.' });

const responseOf = (isAnswered: boolean) => ({
  response: {
    statusCode: isAnswered ? 200 : 429,
    headers: {
      'content-type': 'application/json',
      ...(isAnswered ? {} : { 'x-amzn-errortype': 'ThrottlingException' }),
    },
    body: isAnswered ? ANSWER : REFUSAL,
  },
});

const commandOf = (id: string): ConverseCommand =>
  new ConverseCommand({ modelId: 'm', messages: [{ role: 'user', content: [{ text: id }] }] });

const idIn = (body: unknown): string => {
  const { messages } = JSON.parse(new TextDecoder().decode(toBytes(body))) as {
    readonly messages: readonly { readonly content: readonly { readonly text: string }[] }[];
  };
  return messages[0]?.content[0]?.text ?? '';
};

const toBytes = (body: unknown): Uint8Array =>
  typeof body === 'string' ? new TextEncoder().encode(body) : (body as Uint8Array);

/** The AWS SDK as it is, but for the wire, which is the simulated service. */
const createClient = (
  arena: Arena,
  retryMode: SdkOptions['retryMode'],
  byId: ReadonlyMap<string, SimulatedRequest>,
): BedrockRuntimeClient =>
  new BedrockRuntimeClient({
    region: 'us-east-1',
    endpoint: 'http://127.0.0.1',
    credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
    retryMode,
    requestHandler: {
      handle: async ({ body }: { readonly body?: unknown }) => {
        const id = idIn(body);
        if (id === WARM_UP) return responseOf(true);
        const request = byId.get(id);
        if (request === undefined) throw new Error(`nobody asked for ${id}`);
        return responseOf(await arena.call(request));
      },
    },
  });

/** Answers with how a request is asked, retries included. */
export const createSdk = async (arena: Arena, { retryMode, processes }: SdkOptions): Promise<Ask> => {
  const byId = new Map(arena.workload.requests.map((request) => [request.id, request]));
  const clients = Array.from({ length: processes }, () => createClient(arena, retryMode, byId));
  // A client's first call looks for files, which takes real time.
  await Promise.all(clients.map((client) => client.send(commandOf(WARM_UP))));
  let turn = 0;
  return async ({ id }) => {
    const client = clients[turn % clients.length];
    turn += 1;
    try {
      await client?.send(commandOf(id));
      return 'answered';
    } catch (error) {
      if ((error as Error).name === 'ThrottlingException') return 'lost';
      throw error;
    }
  };
};

const direct = (name: string, setup: string, options: SdkOptions): Contender => ({
  name,
  kind: 'library',
  setup,
  run: (workload, seed) => play(workload, seed, (arena) => createSdk(arena, options)),
});

export const sdkStandard = direct('SDK, standard', 'called at once, 3 attempts', {
  retryMode: 'standard',
  processes: 1,
});

export const sdkAdaptive = direct('SDK, adaptive', 'called at once, 3 attempts, one process', {
  retryMode: 'adaptive',
  processes: 1,
});

export const sdkAdaptiveOf20 = direct('SDK, adaptive × 20', 'the same in 20 processes', {
  retryMode: 'adaptive',
  processes: 20,
});
