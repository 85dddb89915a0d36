import type { SettingFault } from '../contract/settings.ts';

export type OverriddenContext =
  | { readonly ok: true; readonly context: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly faults: readonly SettingFault[] };

type ParsedValue = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly detail: string };

/** Text that begins like this was meant as JSON; anything else may be a plain word, such as a region. */
const MEANT_AS_JSON = /^\s*[{["]/;

const parseValue = (text: string): ParsedValue => {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch (error) {
    if (!MEANT_AS_JSON.test(text)) return { ok: true, value: text };
    return { ok: false, detail: `is not valid JSON: ${(error as Error).message}` };
  }
};

/** Replaces whole settings by `NAME=JSON` texts, the last of a name winning; or names every text that is no such. */
export const overrideContext = (
  context: Readonly<Record<string, unknown>>,
  overrides: readonly string[],
): OverriddenContext => {
  const faults: SettingFault[] = [];
  const replaced: Record<string, unknown> = { ...context };
  for (const override of overrides) {
    const equals = override.indexOf('=');
    if (equals <= 0) {
      faults.push({ setting: '--context', detail: `takes NAME=JSON, not \`${override}\`` });
      continue;
    }
    const name = override.slice(0, equals);
    const parsed = parseValue(override.slice(equals + 1));
    if (parsed.ok) replaced[name] = parsed.value;
    else faults.push({ setting: name, detail: parsed.detail });
  }
  return faults.length === 0 ? { ok: true, context: replaced } : { ok: false, faults };
};
