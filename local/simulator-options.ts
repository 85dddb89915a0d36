import { nearestName } from '../shared/contract/nearest-name.ts';
import { configuredQuotaOf, type Quota } from '../shared/contract/quota-settings.ts';
import type { Settings } from '../shared/contract/settings.ts';
import { type Target, targetsOf } from '../shared/core/targets/targets-of.ts';
import type { SimulatedModel } from './bedrock/simulated-model.ts';
import type { BedrockOptions } from './bedrock/start-bedrock.ts';
import { UserError } from './user-error.ts';

/** `--simulator NAME=VALUE`: how the simulated Bedrock behaves. */
export const SIMULATOR_OPTIONS = {
  latency_scale: { least: 0, meaning: '1 answers as slowly as a real model, 0 at once' },
  ttft_ms: { least: 0, meaning: 'milliseconds to the first token' },
  output_tokens_per_second: { least: 1, meaning: 'tokens a second of one answer; the pool’s by default' },
  tokens_per_minute: { least: 1, meaning: 'the quota it really grants; the pool’s by default' },
  burst_seconds: { least: 1, meaning: 'seconds of quota its bucket holds' },
  seed: { least: 0, meaning: 'the same seed gives the same answers' },
} as const;

export type SimulatorOptionName = keyof typeof SIMULATOR_OPTIONS;
export type SimulatorSettings = Partial<Readonly<Record<SimulatorOptionName, number>>>;

const NAMES = Object.keys(SIMULATOR_OPTIONS) as readonly SimulatorOptionName[];

const parseOne = (text: string): readonly [SimulatorOptionName, number] => {
  const [given = '', value = ''] = text.split('=', 2);
  const name = NAMES.find((candidate) => candidate === given);
  if (name === undefined) {
    const nearest = nearestName(given, NAMES);
    const hint = nearest === undefined ? `it knows ${NAMES.join(', ')}` : `did you mean ${nearest}?`;
    throw new UserError(`--simulator does not know ${given}; ${hint}.`);
  }
  const number = Number(value);
  const { least } = SIMULATOR_OPTIONS[name];
  if (value.trim() === '' || !Number.isFinite(number) || number < least)
    throw new UserError(`--simulator ${name} must be a number of at least ${least}, not "${value}".`);
  return [name, number];
};

export const parseSimulatorOptions = (texts: readonly string[]): SimulatorSettings =>
  Object.fromEntries(texts.map(parseOne));

/** Every limit that the settings name is there to be met; the tokens of a minute may be told apart from it. */
const grantedOf = (
  quota: Quota,
  { tokens_per_minute: really }: SimulatorSettings,
): Partial<SimulatedModel> => {
  const tokensPerMinute = really ?? quota.tokens_per_minute;
  return {
    ...(tokensPerMinute === undefined ? {} : { tokensPerMinute }),
    ...(quota.requests_per_minute === undefined ? {} : { requestsPerMinute: quota.requests_per_minute }),
    ...(quota.tokens_per_day === undefined ? {} : { tokensPerDay: quota.tokens_per_day }),
    ...(quota.input_tokens_per_minute === undefined
      ? {}
      : { inputTokensPerMinute: quota.input_tokens_per_minute }),
    ...(quota.output_tokens_per_minute === undefined
      ? {}
      : { outputTokensPerMinute: quota.output_tokens_per_minute }),
  };
};

/** A target that is in a region of its own is another than the model of the same id elsewhere. */
const simulatedId = ({ modelId, region }: Target): string =>
  region === undefined ? modelId : `${modelId}@${region}`;

/** One simulated model for each target of each pool, with the quota that the settings believe in unless said otherwise. */
export const toBedrockOptions = (
  settings: Settings,
  simulator: SimulatorSettings,
  port: number,
): BedrockOptions => ({
  port,
  ...(simulator.seed === undefined ? {} : { seed: simulator.seed }),
  ...(simulator.latency_scale === undefined ? {} : { latencyScale: simulator.latency_scale }),
  models: Object.fromEntries(
    Object.values(settings.models).flatMap((pool) =>
      targetsOf(pool).map((target) => [
        simulatedId(target),
        {
          // What is left to others is there all the same.
          ...grantedOf(target.isOwn ? configuredQuotaOf(pool) : target.quota, simulator),
          burndown: target.burndown,
          outputTokensPerSecond: simulator.output_tokens_per_second ?? target.tokensPerSecond,
          ...(simulator.ttft_ms === undefined ? {} : { ttftMs: simulator.ttft_ms }),
          ...(simulator.burst_seconds === undefined ? {} : { burstSeconds: simulator.burst_seconds }),
        },
      ]),
    ),
  ),
});
