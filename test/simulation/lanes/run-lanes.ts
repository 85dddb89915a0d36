import { jainIndex, percentile } from '../../../cli/simulate/percentile.ts';
import type { SimulatedRequest } from '../../../cli/simulate/simulated-request.ts';
import { createTraffic, SHAPES, type Shape } from '../../../cli/simulate/synthetic-traffic.ts';
import type { FairnessMode } from '../../../local/cloud/sqs/fair-order.ts';
import { createAcceptRequests } from '../../../shared/flows/accept/accept-requests.ts';
import type { Submission } from '../../../shared/flows/accept/submission.ts';
import { createDrainPool } from '../../../shared/flows/drain/drain-pool.ts';
import type { Queues } from '../../../shared/ports/queues.ts';
import { acceptDepsOf, createWorld, drainDepsOf } from '../../fakes/world.ts';
import { overHttp } from '../../flows/submissions.ts';
import { createMeteredModel, type MeteredCall, type MeteredModel, toPrompt } from './metered-model.ts';
import { createStandInQueues } from './stand-in-queues.ts';

export interface LanesOptions {
  readonly seed: string;
  /** Three: whatever a tenant has waiting, its requests of a class travel in one lane. */
  readonly lanes: 3 | 9;
  readonly fairness: FairnessMode;
  /** `streams`: each heavy tenant sends half more than its share. `loads`: each sent everything at once, one after the other. */
  readonly arrival: 'streams' | 'loads';
  /** Of the traffic behind the published figures. */
  readonly scale: number;
  readonly seconds: number;
}

export interface LanesFigures {
  readonly jain: number;
  /** Charged to calls that were sent, of what refilled meanwhile. */
  readonly use: number;
  readonly lightP50Seconds: number;
  readonly lightP99Seconds: number;
  readonly calls: number;
  readonly refused: number;
  /** Receives and changes of visibility for each call of the model. */
  readonly queueCalls: number;
}

/** Tokens are tenths, so that prompts are as long as they say and yet small. */
const PER_TOKEN = 10;
const TPM = 2_000_000 / PER_TOKEN;
const BURNDOWN = 5;
const HEAVY = ['chat', 'long-input', 'long-output'] as const;
/** Requests a second whose charge is a third of the quota. */
const FAIR_PER_SECOND = { chat: 7.1, 'long-input': 1.06, 'long-output': 1.5 } as const;
const SHAPE_OF = {
  chat: SHAPES.chat,
  'long-input': SHAPES.longInput,
  'long-output': SHAPES.longOutput,
} as const;
/** What a prompt says about itself has to fit. */
const LEAST_INPUT_TOKENS = 40;
const STREAM = 1.5;
/** Enough to be backlogged to the end even if it alone were served. */
const LOAD = 3.5;
/** By then the stored quota has been spent. */
const WARM_SECONDS = 60;

const small = (shape: Shape): Shape => ({
  ...shape,
  inputTokens: shape.inputTokens / PER_TOKEN,
  outputTokens: shape.outputTokens / PER_TOKEN,
});

const heavyTraffic = (options: LanesOptions): readonly SimulatedRequest[] =>
  HEAVY.flatMap((tenant) => {
    const { seed, arrival, scale, seconds } = options;
    const perSecond = (arrival === 'loads' ? LOAD : STREAM) * scale * FAIR_PER_SECOND[tenant];
    // A minute's quota is stored at the start.
    const count = Math.ceil(perSecond * (seconds + 60));
    const shape = small(SHAPE_OF[tenant]);
    return createTraffic({ seed, tenant, count, shape, ...(arrival === 'loads' ? {} : { perSecond }) });
  });

const lightTraffic = ({ seed, seconds }: LanesOptions): readonly SimulatedRequest[] =>
  createTraffic({ seed, tenant: 'light', count: seconds / 5, perSecond: 0.2, shape: small(SHAPES.chat) });

const toSubmission = (request: SimulatedRequest): Submission => {
  const { id, tenant, outputTokens, maxTokens } = request;
  const inputTokens = Math.max(LEAST_INPUT_TOKENS, request.inputTokens);
  const latencyMs = 800 + ((outputTokens * PER_TOKEN) / 60) * 1000;
  const prompt = toPrompt({ id, tenant, inputTokens, outputTokens, maxTokens, latencyMs });
  return overHttp({ prompt, max_tokens: maxTokens }, { provenTenant: tenant });
};

/** All bands of a class in one queue. */
const inThreeLanes = (queues: Queues): Queues => ({
  ...queues,
  send: (queue, messages) => queues.send(queue.replace(/-bulk-\d$/, '-express'), messages),
});

interface Sent {
  readonly id: string;
  readonly tenant: string;
  readonly sentAtMs: number;
}

const sum = (calls: readonly MeteredCall[]): number => calls.reduce((total, { charge }) => total + charge, 0);

/** Seconds; of what still waits, as long as it has waited. */
const lightWaits = (
  light: readonly Sent[],
  warm: readonly MeteredCall[],
  endMs: number,
): readonly number[] => {
  const calledAtMs = new Map(warm.map((call) => [call.id, call.calledAtMs]));
  return light.map(({ id, sentAtMs }) => ((calledAtMs.get(id) ?? endMs) - sentAtMs) / 1000);
};

interface Ended {
  readonly endMs: number;
  readonly tokensPerMinute: number;
  readonly queueCalls: number;
}

const toFigures = (
  model: MeteredModel,
  sent: readonly Sent[],
  { endMs, tokensPerMinute, queueCalls }: Ended,
): LanesFigures => {
  const { admitted } = model;
  const warmMs = (admitted[0]?.calledAtMs ?? endMs) + WARM_SECONDS * 1000;
  const warm = admitted.filter(({ calledAtMs }) => calledAtMs >= warmMs);
  const light = sent.filter(({ tenant, sentAtMs }) => tenant === 'light' && sentAtMs >= warmMs);
  const waits = lightWaits(light, warm, endMs);
  return {
    jain: jainIndex(HEAVY.map((name) => sum(warm.filter(({ tenant }) => tenant === name)))),
    use: sum(warm) / ((tokensPerMinute / 60_000) * (endMs - warmMs)),
    lightP50Seconds: percentile(waits, 0.5),
    lightP99Seconds: percentile(waits, 0.99),
    calls: admitted.length,
    refused: model.refused(),
    queueCalls: queueCalls / admitted.length,
  };
};

/** Production's doors, staging, scheduler and governor, on the stand-in's queues, in virtual time. */
export const runLanes = async (options: LanesOptions): Promise<LanesFigures> => {
  const { seed, lanes, fairness, scale, seconds } = options;
  const tokensPerMinute = TPM * scale;
  const pool = { model_id: 'model-haiku', quota: { tokens_per_minute: tokensPerMinute }, burndown: BURNDOWN };
  const world = createWorld({ settings: { models: { haiku: pool }, max_concurrent_executions: 700 } });
  const model = createMeteredModel(world.clock, { seed, tokensPerMinute, burndown: BURNDOWN });
  const standIn = createStandInQueues(world.clock, fairness);
  const queues = lanes === 3 ? inThreeLanes(standIn) : standIn;
  const accept = createAcceptRequests({ ...acceptDepsOf(world), queues });
  const traffic = [...heavyTraffic(options), ...lightTraffic(options)];

  const sent: Sent[] = [];

  const submit = async (second: number): Promise<void> => {
    const nowMs = world.clock.nowMs();
    const due = traffic.filter(({ arrivesAtMs }) => Math.floor(arrivesAtMs / 1000) === second);
    sent.push(...due.map(({ id, tenant }) => ({ id, tenant, sentAtMs: nowMs })));
    for (const tenant of [...HEAVY, 'light'])
      await accept(due.filter((each) => each.tenant === tenant).map(toSubmission));
  };

  await submit(0);
  const drain = createDrainPool({ ...drainDepsOf(world), queues, model });
  void drain({ pool: 'haiku', remainingMs: () => 900_000 - world.clock.monotonicMs() });
  for (let second = 1; second < seconds; second++) {
    await submit(second);
    await world.clock.advance(1000);
  }
  const ended = { endMs: world.clock.nowMs(), tokensPerMinute, queueCalls: standIn.calls() };
  return toFigures(model, sent, ended);
};
