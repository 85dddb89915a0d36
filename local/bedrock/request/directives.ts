import { type StopReason, stopReasons } from '../answer/stop-reasons.ts';
import { type FaultName, faultNames, isFaultName } from '../faults/faults.ts';

/**
 * What a test may write into the last user text:
 *
 * | directive                      | effect                                                                    |
 * |--------------------------------|---------------------------------------------------------------------------|
 * | [[sim:output_tokens=50]]       | the model wants to write that many tokens; maxTokens still cuts it        |
 * | [[sim:text=hello]]             | the model writes exactly that text, without the echo                      |
 * | [[sim:tool=name {"a":1}]]      | the model calls that tool of the request; without JSON a smallest input   |
 * | [[sim:stop=content_filtered]]  | the answer ends with that reason                                          |
 * | [[sim:delay_ms=1000]]          | the whole latency, whatever the latency scale; tokens spread evenly on it |
 * | [[sim:status=503]]             | the call fails with that status                                           |
 * | [[sim:fault=silent]]           | the call meets that fault, by its name in `faults.ts`                     |
 * | [[sim:status=503,times=2]]     | only the first two times this text comes so far; so with fault            |
 *
 * Several may stand in one text. A directive that cannot be followed is an error, never ignored.
 */
export interface Directives {
  readonly outputTokens?: number;
  readonly text?: string;
  readonly tool?: ToolWish;
  readonly stop?: StopReason;
  readonly delayMs?: number;
  readonly fault?: FaultName;
  readonly times?: number;
}

export interface ToolWish {
  readonly name: string;
  readonly input?: unknown;
}

export type DirectivesRead =
  | { readonly kind: 'directives'; readonly directives: Directives }
  | { readonly kind: 'fault'; readonly message: string };

const pattern = /\[\[sim:(.*?)\]\](?!\])/gs;

const numbers = {
  output_tokens: { field: 'outputTokens', min: 1, max: 10_000_000 },
  delay_ms: { field: 'delayMs', min: 0, max: 3_600_000 },
  times: { field: 'times', min: 1, max: 1_000_000 },
} as const;

const known = 'output_tokens, text, tool, stop, delay_ms, status, fault, times';

export function parseDirectives(text: string): DirectivesRead {
  let directives: Directives = {};
  for (const [whole, inner = ''] of text.matchAll(pattern)) {
    for (const setting of splitSettings(inner)) {
      const read = readSetting(setting);
      if (read === undefined) {
        return { kind: 'fault', message: `The simulator cannot follow ${whole}: ${choicesOf(setting)}` };
      }
      directives = { ...directives, ...read };
    }
  }
  if (directives.times !== undefined && directives.fault === undefined) {
    return { kind: 'fault', message: 'The simulator cannot follow times without status or fault' };
  }
  return { kind: 'directives', directives };
}

/** What could stand in its place. */
function choicesOf(setting: string): string {
  const [name = ''] = setting.split('=', 1).map((text) => text.trim());
  if (name === 'status') return `status is one of ${faultNames.filter(isStatus).join(', ')}`;
  if (name === 'fault') return `fault is one of ${faultNames.filter((fault) => !isStatus(fault)).join(', ')}`;
  if (name === 'stop') return `stop is one of ${stopReasons.join(', ')}`;
  if (!isNumberSetting(name)) return `known are ${known}`;
  return `${name} is a whole number from ${numbers[name].min} to ${numbers[name].max}`;
}

/** A text may hold commas, and so may the input of a tool. */
function splitSettings(inner: string): readonly string[] {
  return /^(text|tool)=/.test(inner) ? [inner] : inner.split(',');
}

function readSetting(setting: string): Directives | undefined {
  const equals = setting.indexOf('=');
  const name = setting.slice(0, Math.max(0, equals)).trim();
  const value = setting.slice(equals + 1);
  if (name === 'text') return { text: value };
  if (name === 'tool') return readTool(value);
  return readWord(name, value.trim()) ?? readNumber(name, value.trim());
}

function readTool(value: string): Directives | undefined {
  const [, name, json] = /^([a-zA-Z0-9_-]+)\s*(.*)$/s.exec(value) ?? [];
  if (name === undefined) return undefined;
  if (json === undefined || json === '') return { tool: { name } };
  try {
    const input: unknown = JSON.parse(json);
    return typeof input === 'object' && input !== null ? { tool: { name, input } } : undefined;
  } catch {
    return undefined;
  }
}

function readWord(name: string, value: string): Directives | undefined {
  if (name === 'status' || name === 'fault') {
    return isStatus(value) === (name === 'status') && isFaultName(value) ? { fault: value } : undefined;
  }
  const stop = name === 'stop' ? stopReasons.find((reason) => reason === value) : undefined;
  return stop === undefined ? undefined : { stop };
}

function isStatus(value: string): boolean {
  return /^\d+$/.test(value);
}

function readNumber(name: string, value: string): Directives | undefined {
  if (!/^\d+$/.test(value) || !isNumberSetting(name)) return undefined;
  const amount = Number(value);
  const { field, min, max } = numbers[name];
  return amount >= min && amount <= max ? { [field]: amount } : undefined;
}

function isNumberSetting(name: string): name is keyof typeof numbers {
  return Object.hasOwn(numbers, name);
}
