import { isObject, type Json } from '../../shared/core/answers/json-members.ts';
import { anthropicToEnvelope } from '../../shared/core/dialects/anthropic/params-to-envelope.ts';
import { type Converted, fault, faulty, notAnObject } from '../../shared/core/dialects/converted.ts';
import type { ConversionContext } from '../../shared/core/dialects/model-names.ts';
import type { InputItem, RawRecord } from './input-item.ts';

const convert = (value: Json, context: ConversionContext): Converted => {
  const converted = anthropicToEnvelope(value.params, '/params', context);
  const unknown = Object.keys(value).filter((key) => key !== 'custom_id' && key !== 'params');
  if (unknown.length === 0 || !isObject(value.params)) return converted;
  return faulty(...unknown.map((key) => fault(`/${key}`, 'is not known beside custom_id and params')));
};

export const looksLikeAnthropic = (value: Json): boolean =>
  isObject(value.params) && ('custom_id' in value || 'messages' in value.params);

export const fromAnthropic = ({ line, value }: RawRecord, context: ConversionContext): InputItem => {
  if (!isObject(value)) return { line, id: undefined, source: {}, converted: faulty(notAnObject('', value)) };
  const id = typeof value.custom_id === 'string' ? value.custom_id : undefined;
  return { line, id, source: value, converted: convert(value, context) };
};
