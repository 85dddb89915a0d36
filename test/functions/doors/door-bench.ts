import { createDoorsApp } from '../../../functions/doors/doors-app.ts';
import { tellClientLeft } from '../../../functions/runtime/client-left.ts';
import type { Around } from '../../fakes/interpose.ts';
import { acceptDepsOf, createWorld, type World, type WorldOptions } from '../../fakes/world.ts';
import { startDrain } from '../../flows/drain/drains.ts';

export interface DoorCall {
  readonly method?: string;
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Aborted when the client has gone. */
  readonly left?: AbortSignal;
}

export interface DoorAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
  readonly text: string;
}

export const createDoorWorld = (options: WorldOptions = {}): World =>
  createWorld({ oneProcess: true, ...options });

const parse = (text: string): Readonly<Record<string, unknown>> => {
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
};

/** One call at the doors; time has to be moved for it to be answered. */
export const call = async (
  world: World,
  { method = 'POST', path, body, headers = {}, left }: DoorCall,
  around?: Around,
): Promise<DoorAnswer> => {
  const event = {};
  if (left !== undefined) tellClientLeft(event, left);
  const response = await createDoorsApp(acceptDepsOf(world, around)).request(
    path,
    {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    },
    { event },
  );
  const text = await response.text();
  return { status: response.status, headers: Object.fromEntries(response.headers), body: parse(text), text };
};

/** A call while a drain works. */
export const callAnswered = async (world: World, doorCall: DoorCall): Promise<DoorAnswer> => {
  const answering = call(world, doorCall);
  await world.clock.advance(100);
  const drained = startDrain(world);
  const answer = await world.clock.run(answering);
  await world.clock.run(drained);
  return answer;
};

/** A call that nobody answers until it is given up. */
export const callInVain = (world: World, doorCall: DoorCall): Promise<DoorAnswer> =>
  world.clock.run(call(world, doorCall));

export const HELLO = {
  anthropic: {
    path: '/anthropic/v1/messages',
    body: { model: 'haiku', max_tokens: 50, messages: [{ role: 'user', content: 'hello' }] },
  },
  openai: {
    path: '/openai/v1/chat/completions',
    body: { model: 'haiku', messages: [{ role: 'user', content: 'hello' }] },
  },
  bedrock: {
    path: '/bedrock/model/haiku/converse',
    body: { messages: [{ role: 'user', content: [{ text: 'hello' }] }] },
  },
} as const satisfies Record<string, DoorCall>;
