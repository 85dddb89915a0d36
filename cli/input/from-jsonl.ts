import { CONTENT_FIELDS } from '../../shared/contract/envelope.ts';
import { isObject, type Json } from '../../shared/core/answers/json-members.ts';
import { faulty, notAnObject } from '../../shared/core/dialects/converted.ts';
import type { InputItem, RawRecord } from './input-item.ts';

export const looksLikeOurs = (value: Json): boolean => CONTENT_FIELDS.some((field) => field in value);

/** Our own form, which the check of requests knows in full. */
export const fromJsonl = ({ line, value }: RawRecord): InputItem => {
  if (!isObject(value)) return { line, id: undefined, source: {}, converted: faulty(notAnObject('', value)) };
  const id = typeof value.custom_id === 'string' ? value.custom_id : undefined;
  return { line, id, source: value, converted: { ok: true, envelope: value } };
};
