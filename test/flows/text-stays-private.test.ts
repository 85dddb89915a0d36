import { createSubmitApp } from '../../functions/ingestion/submit-app.ts';
import { createSubmitBatch } from '../../functions/ingestion/submit-batch.ts';
import { createPowertoolsTelemetry } from '../../shared/adapters/powertools-telemetry.ts';
import { createAcceptRequests } from '../../shared/flows/accept/accept-requests.ts';
import { createDrainPool } from '../../shared/flows/drain/drain-pool.ts';
import { createReadRequest } from '../../shared/flows/read-request.ts';
import { type Around, failing } from '../fakes/interpose.ts';
import { answerTo, faultOf, rejection, serviceFault, throttle } from '../fakes/scripted-model.ts';
import { createRandom } from '../fakes/sequences.ts';
import { acceptDepsOf, createWorld, drainDepsOf } from '../fakes/world.ts';
import { eventOf } from '../functions/sqs-events.ts';
import { NORMAL_LANE, overHttp } from './submissions.ts';

const MARKER = 'xyzzy-secret-text';

/** The model repeats what it was told in everything it says, faults too. */
const indiscreet = [
  throttle,
  serviceFault,
  faultOf('ServiceUnavailableException', 503, `cannot answer ${MARKER}`),
  answerTo(MARKER),
];

const createIndiscreetWorld = () =>
  createWorld({
    model: {
      script: ({ prompt }, before) =>
        prompt.includes('rejected')
          ? faultOf('ValidationException', 400, `not allowed: ${prompt}`)
          : prompt.includes('plain')
            ? rejection
            : indiscreet[before],
    },
  });

const runWithFaults = async (around: Around): Promise<readonly string[]> => {
  const world = createIndiscreetWorld();
  const lines: string[] = [];
  const telemetry = createPowertoolsTelemetry({
    service: 'test',
    writeLine: (line) => lines.push(line),
    nowMs: () => world.clock.nowMs(),
  });
  const drain = createDrainPool({ ...drainDepsOf(world, around), telemetry });
  const accept = createAcceptRequests({ ...acceptDepsOf(world, around), telemetry });
  const read = createReadRequest(acceptDepsOf(world));
  for (const prompt of [MARKER, `rejected ${MARKER}`, `plain ${MARKER}`]) {
    const body = { prompt, system: MARKER, metadata: { note: MARKER } };
    for (let tries = 0; tries < 5; tries += 1) await accept([overHttp(body, { idempotencyKey: prompt })]);
  }
  await accept([overHttp({ prompt: MARKER, promt: MARKER }), overHttp({ messages: [{ role: MARKER }] })]);
  const submitBatch = createSubmitBatch({ ...acceptDepsOf(world, around), telemetry });
  await submitBatch(eventOf(MARKER, { prompt: MARKER, promt: MARKER }, { [MARKER]: MARKER }));
  const app = createSubmitApp({ ...acceptDepsOf(world, around), telemetry });
  for (const body of [MARKER, `{"prompt":"${MARKER}`, `{"prompt":"${MARKER}","priority":"${MARKER}"}`])
    await app.request('/v1/requests', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-correlation-id': `not one: ${MARKER}` },
      body,
    });
  await world.queues.send(NORMAL_LANE, [{ body: MARKER }, { body: `{"converse":"${MARKER}"` }]);
  for (let wakes = 0; wakes < 4; wakes += 1) {
    const startedAtMs = world.clock.monotonicMs();
    const remainingMs = () => startedAtMs + 900_000 - world.clock.monotonicMs();
    await world.clock.run(drain({ pool: 'haiku', remainingMs }).catch(() => undefined));
    await world.clock.advance(60_000);
  }
  const ended = await Promise.all(
    world.requests.all().map(({ requestId }) => read({ requestId, tenant: 'default' })),
  );
  expect(ended.map(({ kind }) => kind)).toEqual(['ended', 'ended', 'ended']);
  telemetry.flush();
  return lines;
};

describe('the text of prompts and answers', () => {
  it('is in no line of log or metrics, when all goes well', async () => {
    const lines = await runWithFaults((_, perform) => perform());
    expect(lines.length).toBeGreaterThan(10);
    expect(lines.filter((line) => line.includes(MARKER))).toEqual([]);
  });

  it('is in no line of log or metrics, when stores fail now and then', async () => {
    const random = createRandom(7);
    const lines = await runWithFaults(failing(({ port }) => port !== 'model' && random() < 0.15));
    expect(lines.filter((line) => line.includes('injected')).length).toBeGreaterThan(3);
    expect(lines.filter((line) => line.includes(MARKER))).toEqual([]);
  });

  it('is in no line of log, when a stored answer turns out to be broken', async () => {
    const garbled: Around = async (effect, perform) => {
      const answer = await perform();
      return effect.method === 'get' && answer instanceof Uint8Array ? Buffer.from(`${MARKER}…`) : answer;
    };
    const world = createIndiscreetWorld();
    const body = { prompt: 'plain' };
    const submission = { ...overHttp(body), idempotencyKey: 'k' };
    const [first] = await createAcceptRequests(acceptDepsOf(world))([submission]);
    const [lane = ''] = world.queues.bodies(NORMAL_LANE);
    const input = { pool: 'haiku', remainingMs: () => 900_000 };
    await world.clock.run(createDrainPool(drainDepsOf(world))(input));
    await world.queues.send(NORMAL_LANE, [{ body: lane }]);
    await world.clock.run(createDrainPool(drainDepsOf(world, garbled))(input));
    expect(JSON.stringify(world.telemetry.events)).not.toContain(MARKER);

    const requestId = first?.kind === 'accepted' ? first.item.requestId : '';
    const reading = createReadRequest(acceptDepsOf(world, garbled))({ requestId, tenant: 'default' });
    await expect(reading.then(({ kind }) => kind, String)).resolves.not.toContain(MARKER);
  });
});
