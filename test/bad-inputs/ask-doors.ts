import { createSubmitApp } from '../../functions/ingestion/submit-app.ts';
import { createSubmitBatch } from '../../functions/ingestion/submit-batch.ts';
import type { Problem } from '../../shared/contract/problem.ts';
import type { Refusal } from '../../shared/contract/request.ts';
import { acceptDepsOf, createWorld, type World } from '../fakes/world.ts';
import { eventOf } from '../functions/sqs-events.ts';
import type { BadInput, RawText } from './cases.ts';

export type QueueAnswer =
  | { readonly kind: 'refused'; readonly problem: Problem }
  | { readonly kind: 'set_aside' }
  | { readonly kind: 'accepted' };

export interface Answers {
  readonly http: { readonly status: number; readonly problem: Problem };
  readonly queue: QueueAnswer | undefined;
  /** Of both doors together. */
  readonly accepted: number;
}

const TWO_POOLS = {
  default_model: 'haiku',
  models: {
    haiku: { model_id: 'model-haiku', quota: { tokens_per_minute: 10_000_000 } },
    nova: { model_id: 'model-nova', quota: { tokens_per_minute: 10_000_000 } },
  },
};

const isRaw = (sent: unknown): sent is RawText => typeof sent === 'object' && sent !== null && 'raw' in sent;

export const textOf = ({ sent }: BadInput): string => (isRaw(sent) ? sent.raw : JSON.stringify(sent));

const bodyOf = (input: BadInput): string | Uint8Array =>
  input.sent instanceof Uint8Array ? input.sent : textOf(input);

const askHttp = async (world: World, input: BadInput): Promise<Answers['http']> => {
  const headers = new Headers({ 'content-type': 'application/json', ...input.headers });
  if (headers.get('content-type') === '') headers.delete('content-type');
  const request = new Request(`http://api.test/v1/requests${input.query ?? ''}`, {
    method: 'POST',
    headers,
    body: new Blob([bodyOf(input)]),
  });
  if (input.headers?.['content-type'] === '') request.headers.delete('content-type');
  const response = await createSubmitApp(acceptDepsOf(world)).request(request);
  return { status: response.status, problem: (await response.json()) as Problem };
};

/** A good message stands beside it: whatever is wrong with the one never holds up the other. */
const askQueue = async (world: World, input: BadInput): Promise<QueueAnswer> => {
  const event = eventOf('{"prompt": "a good one"}');
  const [good] = event.Records;
  const [bad] = eventOf('', '').Records.slice(1);
  if (good === undefined || bad === undefined) throw new Error('no records');
  const response = await createSubmitBatch(acceptDepsOf(world))({
    Records: [{ ...bad, body: textOf(input) }, good],
  });
  if (response.batchItemFailures.length > 0) throw new Error(`${input.name} came again`);
  const [refusal] = world.queues.bodies('results').map((body) => JSON.parse(body) as Refusal);
  if (refusal !== undefined) return { kind: 'refused', problem: refusal.error };
  return world.queues.bodies('input-dlq').length > 0 ? { kind: 'set_aside' } : { kind: 'accepted' };
};

export const askBothDoors = async (input: BadInput): Promise<Answers> => {
  const world = createWorld({ settings: TWO_POOLS });
  const http = await askHttp(world, input);
  const queue = input.onlyHttp === true ? undefined : await askQueue(world, input);
  const good = queue === undefined ? 0 : 1;
  return { http, queue, accepted: world.requests.all().length - good };
};
