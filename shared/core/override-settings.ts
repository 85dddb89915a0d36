import type { SettingFault } from '../contract/setting-fault.ts';

export type Context = Readonly<Record<string, unknown>>;

export type OverriddenContext =
  | { readonly ok: true; readonly context: Context }
  | { readonly ok: false; readonly faults: readonly SettingFault[] };

type ParsedOverride =
  | { readonly kind: 'value'; readonly name: string; readonly value: unknown }
  | { readonly kind: 'fault'; readonly fault: SettingFault };

/** Text that begins like this was meant as JSON, so it may not become a plain string in silence. */
const BEGINS_AS_JSON = /^\s*[{["]/;

const toFault = (setting: string, detail: string): ParsedOverride => ({
  kind: 'fault',
  fault: { setting, detail: detail.replaceAll(/\s+/g, ' ') },
});

const parseOverride = (override: string): ParsedOverride => {
  const separator = override.indexOf('=');
  if (separator < 1) return toFault('--context', `must be NAME=JSON, not \`${override}\``);
  const name = override.slice(0, separator);
  const text = override.slice(separator + 1);
  try {
    return { kind: 'value', name, value: JSON.parse(text) };
  } catch (error) {
    return BEGINS_AS_JSON.test(text)
      ? toFault(name, `must be valid JSON: ${(error as Error).message}`)
      : { kind: 'value', name, value: text };
  }
};

/**
 * Replaces whole settings by `NAME=JSON`; of two for one setting the last holds. A value that is not JSON, and
 * does not begin as if it were, is a plain string: `aws_region=eu-west-1` needs no quotes.
 */
export const overrideContext = (context: Context, overrides: readonly string[]): OverriddenContext => {
  const parsed = overrides.map(parseOverride);
  const faults = parsed.flatMap((override) => (override.kind === 'fault' ? [override.fault] : []));
  if (faults.length > 0) return { ok: false, faults };
  const replaced = parsed.flatMap((override) =>
    override.kind === 'value' ? [[override.name, override.value] as const] : [],
  );
  return { ok: true, context: { ...context, ...Object.fromEntries(replaced) } };
};
