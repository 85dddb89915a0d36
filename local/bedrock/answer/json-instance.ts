import { type Block, isObject } from '../request/converse-request.ts';
import { ofNumber } from './number-instance.ts';
import { UnableError } from './unable-error.ts';

export type InstanceRead =
  | { readonly kind: 'instance'; readonly value: unknown }
  | { readonly kind: 'unable'; readonly reason: string };

/** What a small instance could break without notice. */
const unsupported = [
  'not',
  'if',
  'dependentRequired',
  'dependentSchemas',
  'patternProperties',
  'contains',
  'pattern',
];

const maxDepth = 40;

const formats: Readonly<Record<string, string>> = {
  date: '2026-01-01',
  'date-time': '2026-01-01T00:00:00Z',
  time: '00:00:00Z',
  duration: 'PT1S',
  email: 'someone@example.com',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uri: 'https://example.com/',
  uuid: '00000000-0000-4000-8000-000000000000',
};

/** The smallest value that the schema allows: required members only, shortest texts and lists, first alternatives. */
export function smallestInstance(schema: unknown): InstanceRead {
  try {
    return { kind: 'instance', value: instanceOf(schema, { root: schema, depth: 0 }) };
  } catch (error) {
    if (error instanceof UnableError) return { kind: 'unable', reason: error.message };
    throw error;
  }
}

interface Place {
  readonly root: unknown;
  readonly depth: number;
}

function instanceOf(given: unknown, place: Place): unknown {
  if (given === true) return {};
  if (!isObject(given)) throw new UnableError('a schema must be an object or true');
  if (place.depth > maxDepth) throw new UnableError('the schema requires itself without end');
  const inner = { ...place, depth: place.depth + 1 };
  const schema = withReference(given, inner);
  const strange = unsupported.find((keyword) => schema[keyword] !== undefined);
  if (strange !== undefined) throw new UnableError(`the keyword ${strange} is not supported`);
  if ('const' in schema) return schema.const;
  if (Array.isArray(schema.enum) && schema.enum.length > 0) return schema.enum[0];
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(alternatives) && alternatives.length > 0) {
    const { anyOf: _any, oneOf: _one, ...rest } = schema;
    return firstThatWorks(alternatives, rest, inner);
  }
  return ofType(typeOf(schema), schema, inner);
}

function withReference(schema: Block, place: Place): Block {
  const { $ref, allOf, ...own } = schema;
  const parts = Array.isArray(allOf) ? allOf.map((part) => withReference(toObject(part), deeper(place))) : [];
  const target =
    typeof $ref === 'string' ? [withReference(toObject(resolve($ref, place.root)), deeper(place))] : [];
  return [...target, ...parts].reduce<Block>(merge, own);
}

function deeper(place: Place): Place {
  if (place.depth > maxDepth) throw new UnableError('the schema requires itself without end');
  return { ...place, depth: place.depth + 1 };
}

function merge(one: Block, other: Block): Block {
  const required = [...toList(one.required), ...toList(other.required)];
  return {
    ...other,
    ...one,
    ...(required.length === 0 ? {} : { required: [...new Set(required)] }),
    ...(isObject(one.properties) && isObject(other.properties)
      ? { properties: { ...other.properties, ...one.properties } }
      : {}),
  };
}

function firstThatWorks(alternatives: readonly unknown[], rest: Block, place: Place): unknown {
  let reason = '';
  for (const alternative of alternatives) {
    try {
      return instanceOf(isObject(alternative) ? merge(alternative, rest) : alternative, place);
    } catch (error) {
      if (!(error instanceof UnableError)) throw error;
      reason = error.message;
    }
  }
  throw new UnableError(reason);
}

function typeOf(schema: Block): string {
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (typeof type === 'string') return type;
  return schema.items === undefined && schema.prefixItems === undefined ? 'object' : 'array';
}

function ofType(type: string, schema: Block, place: Place): unknown {
  switch (type) {
    case 'object':
      return ofMembers(schema, place);
    case 'array':
      return ofItems(schema, place);
    case 'string':
      return ofText(schema);
    case 'integer':
      return ofNumber(schema, 1);
    case 'number':
      return ofNumber(schema, undefined);
    case 'boolean':
      return false;
    case 'null':
      return null;
    default:
      throw new UnableError(`the type ${JSON.stringify(type)} is not known`);
  }
}

function ofMembers(schema: Block, place: Place): unknown {
  const properties = isObject(schema.properties) ? schema.properties : {};
  if (typeof schema.minProperties === 'number' && schema.minProperties > toList(schema.required).length)
    throw new UnableError('minProperties beyond the required members is not supported');
  return Object.fromEntries(
    toList(schema.required).map((name) => [
      String(name),
      instanceOf(properties[String(name)] ?? true, place),
    ]),
  );
}

/** What a schema may ask for; more would hold up everybody else. */
const MOST_ITEMS = 100;
const MOST_CHARACTERS = 1_000;

function ofItems(schema: Block, place: Place): unknown {
  const prefix = toList(schema.prefixItems);
  const length = Math.max(prefix.length, typeof schema.minItems === 'number' ? schema.minItems : 0);
  if (length > 1 && schema.uniqueItems === true) throw new UnableError('uniqueItems is not supported');
  if (length > MOST_ITEMS) throw new UnableError(`minItems above ${MOST_ITEMS} is not supported`);
  return Array.from({ length }, (_, index) => instanceOf(prefix[index] ?? schema.items ?? true, place));
}

function ofText({ format, minLength, maxLength }: Block): string {
  if (format !== undefined) {
    const known = formats[String(format)];
    if (known === undefined) throw new UnableError(`the format ${JSON.stringify(format)} is not known`);
    return known;
  }
  const least = typeof minLength === 'number' ? minLength : 0;
  if (least > MOST_CHARACTERS) throw new UnableError(`minLength above ${MOST_CHARACTERS} is not supported`);
  const most = typeof maxLength === 'number' ? maxLength : Number.POSITIVE_INFINITY;
  return 'text'.slice(0, most).padEnd(least, '.');
}

function resolve(reference: string, root: unknown): unknown {
  if (!reference.startsWith('#')) throw new UnableError(`the reference ${reference} leads out of the schema`);
  const names = reference.slice(1).split('/').slice(1).map(unescapeName);
  return names.reduce<unknown>((at, name) => (isObject(at) ? at[name] : undefined), root);
}

function unescapeName(name: string): string {
  return name.replaceAll('~1', '/').replaceAll('~0', '~');
}

function toObject(value: unknown): Block {
  if (isObject(value)) return value;
  throw new UnableError('a reference or part of the schema is not an object');
}

function toList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
