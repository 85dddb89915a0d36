import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SettingFault } from '../shared/contract/setting-fault.ts';
import { parseSettings, type Settings } from '../shared/contract/settings.ts';
import { type Context, overrideContext } from '../shared/core/override-settings.ts';

/** Settings with all that a deployment needs. */
export type DeployableSettings = Settings & { readonly notification_email: string };

export type ReadSettings =
  | { readonly ok: true; readonly settings: DeployableSettings }
  | { readonly ok: false; readonly faults: readonly string[] };

type ReadContext =
  | { readonly ok: true; readonly context: Context }
  | { readonly ok: false; readonly fault: string };

const FILE = 'cdktf.json';

const MISSING_EMAIL: SettingFault = {
  setting: 'notification_email',
  detail: 'is needed to deploy: the address that alarms are sent to',
};

const LOOPBACK: SettingFault = {
  setting: 'webhooks',
  detail: 'must be `on` or `off` to deploy: `loopback` is for the local run only',
};

const isObject = (value: unknown): value is Context =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const readContext = (projectRoot: string): ReadContext => {
  const path = join(projectRoot, FILE);
  try {
    const parsed: unknown = JSON.parse(readFileSync(path, 'utf8'));
    const context = isObject(parsed) ? (parsed.context ?? {}) : undefined;
    return isObject(context)
      ? { ok: true, context }
      : { ok: false, fault: `${FILE} must be an object whose \`context\` is an object.` };
  } catch (error) {
    return { ok: false, fault: `${FILE} cannot be read: ${(error as Error).message}.` };
  }
};

const toSentence = ({ setting, detail }: SettingFault): string =>
  `${setting} ${detail}${/[.?]$/.test(detail) ? '' : '.'}`;

const isWithin = (setting: string, name: string): boolean =>
  setting === name || setting.startsWith(`${name}.`);

/** One by one, so that a fault in one override hides nothing that is wrong with the others. */
const overrideAll = (base: Context, overrides: readonly string[]) => {
  const faults: SettingFault[] = [];
  let context = base;
  for (const override of overrides) {
    const overridden = overrideContext(context, [override]);
    if (overridden.ok) context = overridden.context;
    else faults.push(...overridden.faults);
  }
  return { context, faults };
};

const faultsOf = (parsed: ReturnType<typeof parseSettings>, context: Context): readonly SettingFault[] => [
  ...(parsed.ok ? [] : parsed.faults),
  ...(context.notification_email === undefined ? [MISSING_EMAIL] : []),
  ...(context.webhooks === 'loopback' ? [LOOPBACK] : []),
];

/** The settings of a context, with those that `NAME=JSON` replaces, or one sentence for every fault. */
export const toDeployableSettings = (base: Context, overrides: readonly string[]): ReadSettings => {
  const overridden = overrideAll(base, overrides);
  const parsed = parseSettings(overridden.context);
  const faults = [
    ...overridden.faults,
    // What a faulty override was to replace says nothing about what was meant.
    ...faultsOf(parsed, overridden.context).filter(
      ({ setting }) => !overridden.faults.some((fault) => isWithin(setting, fault.setting)),
    ),
  ];
  const email = parsed.ok ? parsed.settings.notification_email : undefined;
  return parsed.ok && email !== undefined && faults.length === 0
    ? { ok: true, settings: { ...parsed.settings, notification_email: email } }
    : { ok: false, faults: faults.map(toSentence) };
};

/** The settings of `cdktf.json` in the project's folder. */
export const readSettings = (projectRoot: string, overrides: readonly string[]): ReadSettings => {
  const read = readContext(projectRoot);
  return read.ok ? toDeployableSettings(read.context, overrides) : { ok: false, faults: [read.fault] };
};
