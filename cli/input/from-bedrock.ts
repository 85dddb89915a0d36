import { converseSchema } from '../../shared/contract/converse.ts';
import {
  type Converted,
  faulty,
  type InputItem,
  isObject,
  type JsonObject,
  notAnObject,
  type RawRecord,
} from './input-item.ts';
import { type ConversionContext, chooseModel } from './model-names.ts';

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
const isConverse = (input: JsonObject): boolean =>
  Object.keys(input).every((name) => CONVERSE_FIELDS.has(name)) && hasConverseBlocks(input.messages);

const convert = ({ modelInput }: JsonObject, context: ConversionContext): Converted => {
  if (!isObject(modelInput)) return faulty(notAnObject('/modelInput', modelInput));
  const chosen = chooseModel(undefined, '', context);
  if (!chosen.ok) return faulty(chosen.fault);
  const content = isConverse(modelInput) ? { converse: modelInput } : { invoke_model: modelInput };
  return { ok: true, envelope: { model: chosen.model.name, ...content } };
};

export const looksLikeBedrock = (value: JsonObject): boolean => 'modelInput' in value;

export const fromBedrock = ({ line, value }: RawRecord, context: ConversionContext): InputItem => {
  if (!isObject(value)) return { line, id: undefined, source: {}, converted: faulty(notAnObject('', value)) };
  const id = typeof value.recordId === 'string' ? value.recordId : undefined;
  return { line, id, source: value, converted: convert(value, context) };
};
