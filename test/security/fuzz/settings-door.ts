import fc from 'fast-check';
import { ConfigurationError, parseEnvironment } from '../../../functions/runtime/environment.ts';
import { parseSimulatorOptions } from '../../../local/simulator-options.ts';
import { UserError } from '../../../local/user-error.ts';
import { FUNCTION_ENV } from '../../../shared/contract/env.ts';
import { parseSettings } from '../../../shared/contract/settings.ts';
import { overrideContext } from '../../../shared/core/override-settings.ts';
import { pollutionFault } from './accounts.ts';
import type { Door } from './door.ts';
import { changedValue, hostileText, hostileValue, textOf } from './hostile-values.ts';
import { SOUND_SETTINGS } from './sound-values.ts';

interface SettingsCase {
  readonly context: unknown;
  readonly text: string;
  readonly overrides: readonly string[];
  readonly simulator: readonly string[];
}

const NAMES = ['models', 'aws_region', 'tenants', 'operators', 'minutes_to_process', '__proto__', 'nope'];
const SIMULATOR_NAMES = ['latency_scale', 'ttft_ms', 'seed', 'burst_seconds', '__proto__', 'nope'];

const override = (names: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof(
    fc
      .tuple(fc.oneof(fc.constantFrom(...names), hostileText), fc.oneof(textOf(hostileValue), hostileText))
      .map(([name, value]) => `${name}=${value}`),
    hostileText,
  );

/** Settings, or faults that each name a setting and say what is wrong with it. */
const contextFault = (context: unknown): string | undefined => {
  const parsed = parseSettings(context);
  if (parsed.ok) return Object.keys(parsed.settings.models).length > 0 ? undefined : 'there is no pool';
  if (parsed.faults.length === 0) return 'it was refused without a fault';
  return parsed.faults.every(({ detail }) => detail.trim() !== '') ? undefined : 'a fault says nothing';
};

/** Only what is meant for the person who configures may be thrown. */
const thrownFault = (
  work: () => unknown,
  named: readonly (typeof ConfigurationError | typeof UserError)[],
) => {
  try {
    work();
    return undefined;
  } catch (error) {
    return named.some((kind) => error instanceof kind) ? undefined : `it threw ${String(error)}`;
  }
};

const environmentOf = (text: string): Readonly<Record<string, string>> => ({
  ...Object.fromEntries(FUNCTION_ENV.ingestion.map((name) => [name, 'x'])),
  AWS_REGION: 'us-east-1',
  SMOOTHER_SETTINGS: text,
});

const check = async ({ context, text, overrides, simulator }: SettingsCase): Promise<string | undefined> => {
  const overridden = overrideContext({}, overrides);
  return (
    contextFault(context) ??
    (overridden.ok ? contextFault(overridden.context) : undefined) ??
    thrownFault(() => parseEnvironment('ingestion', environmentOf(text)), [ConfigurationError]) ??
    thrownFault(() => parseSimulatorOptions(simulator), [UserError]) ??
    pollutionFault()
  );
};

export const settingsDoor: Door<SettingsCase> = {
  arbitrary: fc.record({
    context: fc.oneof({ weight: 3, arbitrary: changedValue(SOUND_SETTINGS) }, hostileValue),
    text: textOf(changedValue(SOUND_SETTINGS)),
    overrides: fc.array(override(NAMES), { maxLength: 3 }),
    simulator: fc.array(override(SIMULATOR_NAMES), { maxLength: 2 }),
  }),
  check,
};
