import { isObject, type Json } from '../../shared/core/answers/json-members.ts';
import { type Converted, fault, faulty, notAnObject } from '../../shared/core/dialects/converted.ts';
import type { ConversionContext } from '../../shared/core/dialects/model-names.ts';
import { openAiToEnvelope } from '../../shared/core/dialects/openai/body-to-envelope.ts';
import type { InputItem, RawRecord } from './input-item.ts';

const PATH = '/v1/chat/completions';

const convert = ({ url, body, method }: Json, context: ConversionContext): Converted => {
  if (!isObject(body)) return faulty(notAnObject('/body', body));
  if (url !== PATH) return faulty(fault('/url', `must be ${PATH}, not \`${String(url)}\``));
  if (method !== undefined && method !== 'POST') return faulty(fault('/method', 'must be POST'));
  return openAiToEnvelope(body, '/body', context);
};

export const looksLikeOpenAi = (value: Json): boolean => 'url' in value && isObject(value.body);

export const fromOpenAi = ({ line, value }: RawRecord, context: ConversionContext): InputItem => {
  if (!isObject(value)) return { line, id: undefined, source: {}, converted: faulty(notAnObject('', value)) };
  const id = typeof value.custom_id === 'string' ? value.custom_id : undefined;
  return { line, id, source: value, converted: convert(value, context) };
};
