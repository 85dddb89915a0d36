import { z } from 'zod';

/** The part of JSON Schema that the reference tables speak of. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly default?: unknown;
  readonly description?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
}

/** What a schema says to its callers; a schema with an id stands behind a reference to itself. */
export const toJsonSchema = (schema: z.ZodType): JsonSchema => {
  const whole = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  const id = whole.$ref?.split('/').at(-1);
  return (id === undefined ? undefined : whole.$defs?.[id]) ?? whole;
};

export interface Field {
  /** Names of nested objects joined by dots. */
  readonly name: string;
  readonly schema: JsonSchema;
  readonly required: boolean;
}

/** The fields of an object, one level. */
export const fieldsOf = ({ properties = {}, required = [] }: JsonSchema): readonly Field[] =>
  Object.entries(properties).map(([name, schema]) => ({ name, schema, required: required.includes(name) }));

/** The same with the fields of nested objects in their place; they are required where all above them is. */
export const leavesOf = (schema: JsonSchema): readonly Field[] =>
  fieldsOf(schema).flatMap((field) =>
    field.schema.properties === undefined
      ? [field]
      : leavesOf(field.schema).map((leaf) => ({
          name: `${field.name}.${leaf.name}`,
          schema: leaf.schema,
          required: field.required && leaf.required,
        })),
  );

const unionType = (forms: readonly JsonSchema[]): string =>
  [...new Set(forms.map(typeOf))].sort((a, b) => Number(a === 'null') - Number(b === 'null')).join(' or ');

export function typeOf(schema: JsonSchema): string {
  if (schema.anyOf !== undefined) return unionType(schema.anyOf);
  if (schema.$ref !== undefined) return 'object';
  if (schema.type === 'array') {
    const entry = typeOf(schema.items ?? {});
    return `list of ${entry}${entry === 'any JSON' ? '' : 's'}`;
  }
  if (schema.type !== undefined) return [schema.type].flat().join(' or ');
  const example = schema.const ?? schema.enum?.[0];
  return example === undefined ? 'any JSON' : typeof example;
}

export const defaultOf = ({ schema, required }: Field): string => {
  if (schema.default !== undefined) return JSON.stringify(schema.default);
  return required ? 'required' : 'none';
};

const rangeOf = (least: number | undefined, most: number | undefined, unit: string): string | undefined => {
  const words = (count: number): string => {
    if (unit === '') return String(count);
    if (count === 1) return `1 ${unit}`;
    return `${count} ${unit === 'entry' ? 'entries' : `${unit}s`}`;
  };
  if (least === undefined) return most === undefined ? undefined : `at most ${words(most)}`;
  return most === undefined ? `at least ${words(least)}` : `${least} to ${words(most)}`;
};

/** The values or the range that a schema states; nothing where a pattern or a rule says what is allowed. */
export const allowedOf = (schema: JsonSchema): string | undefined => {
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${value}\``).join(', ');
  const most = schema.maximum === Number.MAX_SAFE_INTEGER ? undefined : schema.maximum;
  return (
    rangeOf(schema.minimum, most, '') ??
    rangeOf(schema.minLength, schema.maxLength, 'character') ??
    rangeOf(schema.minItems, schema.maxItems, 'entry')
  );
};
