import { admit, openQuota, type Quota, settle } from '../../../local/bedrock/quota/quota.ts';
import { randomFrom } from '../../../local/bedrock/seeded-random.ts';
import type { Model, ModelCall, ModelReply } from '../../../shared/ports/model.ts';
import { throttle } from '../../fakes/scripted-model.ts';
import type { VirtualClock } from '../../fakes/virtual-clock.ts';

/** What a request says about itself, as the beginning of its prompt. */
export interface Told {
  readonly id: string;
  readonly tenant: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly maxTokens: number;
  readonly latencyMs: number;
}

export interface MeteredCall extends Told {
  readonly calledAtMs: number;
  readonly charge: number;
}

export interface MeteredModel extends Model {
  readonly admitted: readonly MeteredCall[];
  refused(): number;
}

const END = '}';
const BYTES_PER_TOKEN = 4;

/** As long as so many tokens are. */
export const toPrompt = (told: Told): string =>
  JSON.stringify(told).padEnd(told.inputTokens * BYTES_PER_TOKEN, '.');

const readPrompt = ({ request }: ModelCall): Told => {
  const text = request.kind === 'converse' ? request.converse.messages.at(-1)?.content.at(-1)?.text : '';
  const json = String(text);
  return JSON.parse(json.slice(0, json.indexOf(END) + 1)) as Told;
};

const answerOf = ({ inputTokens, outputTokens }: Told): ModelReply => ({
  kind: 'answered',
  answer: {
    content: 'answer',
    output: { message: { role: 'assistant', content: [{ text: 'answer' }] } },
    stopReason: 'end_turn',
    usage: {
      input_tokens: inputTokens,
      output_tokens: outputTokens,
      cache_read_tokens: 0,
      cache_write_tokens: 0,
    },
  },
});

export interface MeteredOptions {
  readonly tokensPerMinute: number;
  readonly burndown: number;
  readonly seed: string;
}

/** A model that counts its quota as the simulator does. */
export const createMeteredModel = (clock: VirtualClock, options: MeteredOptions): MeteredModel => {
  const { tokensPerMinute, burndown, seed } = options;
  const tpm = { name: 'tpm' as const, limit: tokensPerMinute, periodSeconds: 60, burstSeconds: 60 };
  let quota: Quota = openQuota([{ ...tpm, algorithm: 'bucket', refusalCost: 0 }], clock.nowMs());
  const random = randomFrom('metered', seed);
  const admitted: MeteredCall[] = [];
  let refused = 0;
  return {
    admitted,
    refused: () => refused,
    call: async (call) => {
      const told = readPrompt(call);
      const admission = admit(quota, { tpm: told.inputTokens + told.maxTokens }, clock.nowMs());
      quota = admission.quota;
      if (admission.kind === 'refused') {
        refused += 1;
        await clock.sleep(30 + 50 * random());
        return throttle;
      }
      const charge = told.inputTokens + burndown * told.outputTokens;
      admitted.push({ ...told, calledAtMs: clock.nowMs(), charge });
      await clock.sleep(told.latencyMs, call.signal);
      quota = settle(quota, { hold: admission.hold, charges: { tpm: charge } }, clock.nowMs());
      return answerOf(told);
    },
  };
};
