import { UserError } from '../user-error.ts';
import { type SimulatedModel, toModelSettings } from './simulated-model.ts';

export const defaultModelOption =
  'us.anthropic.claude-haiku-4-5-20251001-v1:0,tokensPerMinute=2000000,burndown=5';

/** `ID,NAME=VALUE,…` with values in JSON, or as they stand where they are none. */
export function parseModelOption(text: string): readonly [id: string, model: SimulatedModel] {
  const [id = '', ...texts] = splitAtCommas(text);
  if (id === '' || id.includes('=')) {
    throw new UserError(
      `--model must begin with the id of the model, as in ${defaultModelOption}, not "${text}".`,
    );
  }
  const given = Object.fromEntries(texts.map((each) => parseSetting(id, each)));
  const model: SimulatedModel = { burndown: 1, ...given };
  try {
    toModelSettings(id, model);
  } catch (error) {
    throw error instanceof RangeError ? new UserError(`--model: ${error.message}.`) : error;
  }
  return [id, model];
}

function parseSetting(id: string, text: string): readonly [string, unknown] {
  const equals = text.indexOf('=');
  if (equals < 1) throw new UserError(`--model ${id} has "${text}", which is not NAME=VALUE.`);
  return [text.slice(0, equals), parseValue(text.slice(equals + 1))];
}

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Commas within a list or an object belong to it. */
function splitAtCommas(text: string): readonly string[] {
  const parts: string[] = [''];
  let depth = 0;
  for (const character of text) {
    if ('[{'.includes(character)) depth += 1;
    if (']}'.includes(character)) depth -= 1;
    if (character === ',' && depth === 0) parts.push('');
    else parts.push((parts.pop() ?? '') + character);
  }
  return parts;
}
