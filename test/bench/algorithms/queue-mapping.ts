import type { SimulatedRequest } from '../../../cli/simulate/simulated-request.ts';
import { type Arena, type Ask, type Contender, type Outcome, play } from './contender.ts';
import { createSdk } from './sdk.ts';

/** Lambda begins with five invocations, and adds 300 a minute. */
const FIRST_INVOCATIONS = 5;
const MORE_PER_SECOND = 5;
const VISIBLE_AGAIN_MS = 60_000;
const MAX_RECEIVE_COUNT = 5;

interface Message {
  readonly request: SimulatedRequest;
  readonly tell: (outcome: Outcome) => void;
  receives: number;
}

/** An SQS queue that invokes a function with one message each, which makes one call and waits for it. */
const throughMapping =
  (maximumConcurrency: number) =>
  async (arena: Arena): Promise<Ask> => {
    const { events } = arena;
    const ask = await createSdk(arena, { retryMode: 'standard', processes: maximumConcurrency });
    const visible: Message[] = [];
    const startMs = events.nowMs();
    let invocations = 0;

    const limit = (): number =>
      Math.min(maximumConcurrency, FIRST_INVOCATIONS + (MORE_PER_SECOND * (events.nowMs() - startMs)) / 1000);

    const invoke = async (message: Message): Promise<void> => {
      invocations += 1;
      message.receives += 1;
      const outcome = await ask(message.request);
      invocations -= 1;
      if (outcome === 'answered' || message.receives >= MAX_RECEIVE_COUNT) message.tell(outcome);
      else
        events.at(events.nowMs() + VISIBLE_AGAIN_MS, () => {
          visible.push(message);
          receive();
        });
      receive();
    };

    const receive = (): void => {
      while (invocations < Math.floor(limit())) {
        const message = visible.shift();
        if (message === undefined) return;
        void invoke(message);
      }
    };

    const grow = (): void => {
      receive();
      if (limit() < maximumConcurrency) events.at(events.nowMs() + 1000, grow);
    };
    grow();
    return (request) =>
      new Promise((tell) => {
        visible.push({ request, tell, receives: 0 });
        receive();
      });
  };

const mapping = (maximumConcurrency: number): Contender => ({
  name: `SQS to Lambda × ${maximumConcurrency}`,
  kind: 'model',
  setup: `MaximumConcurrency ${maximumConcurrency}, one message and one call of the SDK each, 5 receives, then the dead letters`,
  run: (workload, seed) => play(workload, seed, throughMapping(maximumConcurrency)),
});

export const mappingOf10 = mapping(10);
export const mappingOf50 = mapping(50);
export const mappingOf100 = mapping(100);
