import type { Context, Hono } from 'hono';
import { REQUEST_ID_PATTERN } from '../../shared/contract/keys.ts';
import { createAwaitRequest } from '../../shared/flows/await-request.ts';
import { createReadRequest, type Reading } from '../../shared/flows/read-request.ts';
import { tenantOfCaller } from '../runtime/caller.ts';
import { leftOfCall } from '../runtime/client-left.ts';
import type { DoorDeps } from '../runtime/compose-doors.ts';
import { toReadingResponse } from '../runtime/request-response.ts';

/** So often it is looked whether anything has moved. */
const LOOK_MS = 1_000;
const SIGN_OF_LIFE_LOOKS = 15;
const UNSAID_SECONDS = 240;

const toEvent = (type: string, data: unknown): string => `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`;

const eventOf = (reading: Reading): string => {
  switch (reading.kind) {
    case 'pending':
      return toEvent('progress', reading.request);
    case 'ended':
      return toEvent('result', reading.result);
    default:
      return toEvent('gone', {});
  }
};

interface Following {
  readonly first: Reading;
  readonly next: () => Promise<Reading>;
  readonly untilMs: number;
  readonly left: AbortSignal | undefined;
}

/** What moves, when it moves; a comment when nothing has for a while. */
async function* follow({ first, next, untilMs, left }: Following, deps: DoorDeps): AsyncGenerator<string> {
  let said = eventOf(first);
  let quietLooks = 0;
  yield said;
  for (let reading = first; reading.kind === 'pending'; ) {
    if (left?.aborted === true || deps.clock.monotonicMs() >= untilMs) return;
    reading = await next();
    const now = eventOf(reading);
    quietLooks = now === said ? quietLooks + 1 : 0;
    if (now !== said) yield now;
    else if (quietLooks % SIGN_OF_LIFE_LOOKS === 0) yield ': waiting\n\n';
    said = now;
  }
}

const toStream = (texts: AsyncGenerator<string>): ReadableStream<Uint8Array> =>
  new ReadableStream({
    pull: async (controller) => {
      const { value, done } = await texts.next();
      if (done === true) controller.close();
      else controller.enqueue(Buffer.from(value));
    },
    cancel: async () => {
      await texts.return(undefined);
    },
  });

const progress = async (context: Context, deps: DoorDeps): Promise<Response> => {
  const requestId = context.req.param('id') ?? '';
  const tenant = tenantOfCaller(context);
  const left = leftOfCall(context);
  const first: Reading = REQUEST_ID_PATTERN.test(requestId)
    ? await createReadRequest(deps)({ requestId, tenant })
    : { kind: 'not_found' };
  if (first.kind !== 'pending' && first.kind !== 'ended') return toReadingResponse(first, requestId);
  const readOrAwait = createAwaitRequest(deps);
  const waiting = left === undefined ? {} : { left };
  const next = () => readOrAwait({ requestId, tenant, atMostMs: LOOK_MS, ...waiting });
  const untilMs = deps.clock.monotonicMs() + (deps.settings.longest_answer_seconds ?? UNSAID_SECONDS) * 1000;
  return new Response(toStream(follow({ first, next, untilMs, left }, deps)), {
    headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' },
  });
};

/** How far a request is, told as it moves, and its result at the end. */
export const addProgress = (app: Hono, deps: DoorDeps): void => {
  app.get('/v1/requests/:id/events', (context) => progress(context, deps));
};
