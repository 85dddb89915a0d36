import { faultStatuses } from './errors.ts';

/**
 * What a test may write into the last user text:
 *
 * | directive                      | effect                                                                    |
 * |--------------------------------|---------------------------------------------------------------------------|
 * | [[sim:output_tokens=50]]       | the model wants to write that many tokens; maxTokens still cuts it        |
 * | [[sim:text=hello]]             | the model writes exactly that text, without the echo                      |
 * | [[sim:delay_ms=1000]]          | the whole latency, whatever the latency scale; tokens spread evenly on it |
 * | [[sim:status=503]]             | the call fails with that status                                           |
 * | [[sim:status=503,times=2]]     | only the first two times this text is admitted                            |
 *
 * Several may stand in one text. A directive that cannot be followed is an error, never ignored.
 */
export interface Directives {
  readonly outputTokens?: number;
  readonly text?: string;
  readonly delayMs?: number;
  readonly status?: number;
  readonly times?: number;
}

export type DirectivesRead =
  | { readonly kind: 'directives'; readonly directives: Directives }
  | { readonly kind: 'fault'; readonly message: string };

const pattern = /\[\[sim:(.*?)\]\]/gs;

const numbers = {
  output_tokens: { field: 'outputTokens', min: 1, max: 10_000_000 },
  delay_ms: { field: 'delayMs', min: 0, max: 3_600_000 },
  times: { field: 'times', min: 1, max: 1_000_000 },
} as const;

const known = 'output_tokens, text, delay_ms, status, times';

export function parseDirectives(text: string): DirectivesRead {
  let directives: Directives = {};
  for (const [whole, inner = ''] of text.matchAll(pattern)) {
    for (const setting of splitSettings(inner)) {
      const read = readSetting(setting);
      if (read === undefined) {
        return { kind: 'fault', message: `The simulator cannot follow ${whole}: known are ${known}` };
      }
      directives = { ...directives, ...read };
    }
  }
  if (directives.times !== undefined && directives.status === undefined) {
    return { kind: 'fault', message: 'The simulator cannot follow times without status' };
  }
  return { kind: 'directives', directives };
}

/** A text may hold commas. */
function splitSettings(inner: string): readonly string[] {
  return inner.startsWith('text=') ? [inner] : inner.split(',');
}

function readSetting(setting: string): Directives | undefined {
  const equals = setting.indexOf('=');
  const name = setting.slice(0, Math.max(0, equals)).trim();
  const value = setting.slice(equals + 1);
  if (name === 'text') return { text: value };
  if (!/^\d+$/.test(value.trim())) return undefined;
  const amount = Number(value);
  if (name === 'status') return faultStatuses.includes(amount) ? { status: amount } : undefined;
  if (!isNumberSetting(name)) return undefined;
  const { field, min, max } = numbers[name];
  return amount >= min && amount <= max ? { [field]: amount } : undefined;
}

function isNumberSetting(name: string): name is keyof typeof numbers {
  return Object.hasOwn(numbers, name);
}
