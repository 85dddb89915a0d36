import { converseSchema } from '../../shared/contract/converse.ts';
import { isObject, type Json } from '../../shared/core/answers/json-members.ts';
import { type Converted, faulty, notAnObject } from '../../shared/core/dialects/converted.ts';
import { type ConversionContext, chooseModel } from '../../shared/core/dialects/model-names.ts';
import type { InputItem, RawRecord } from './input-item.ts';

const CONVERSE_FIELDS = new Set(Object.keys(converseSchema.shape));

/** Blocks of Converse are told by their only member, those of other bodies by their `type`. */
const hasConverseBlocks = (messages: unknown): boolean =>
  Array.isArray(messages) &&
  messages.every(
    (message) =>
      isObject(message) &&
      Array.isArray(message.content) &&
      message.content.every((block) => isObject(block) && !('type' in block)),
  );

/** A job is of one type, which its records do not name. */
const isConverse = (input: Json): boolean =>
  Object.keys(input).every((name) => CONVERSE_FIELDS.has(name)) && hasConverseBlocks(input.messages);

const convert = ({ modelInput }: Json, context: ConversionContext): Converted => {
  if (!isObject(modelInput)) return faulty(notAnObject('/modelInput', modelInput));
  const chosen = chooseModel(undefined, '', context);
  if (!chosen.ok) return faulty(chosen.fault);
  const content = isConverse(modelInput) ? { converse: modelInput } : { invoke_model: modelInput };
  return { ok: true, envelope: { model: chosen.model.name, ...content } };
};

export const looksLikeBedrock = (value: Json): boolean => 'modelInput' in value;

export const fromBedrock = ({ line, value }: RawRecord, context: ConversionContext): InputItem => {
  if (!isObject(value)) return { line, id: undefined, source: {}, converted: faulty(notAnObject('', value)) };
  const id = typeof value.recordId === 'string' ? value.recordId : undefined;
  return { line, id, source: value, converted: convert(value, context) };
};
