import { z } from 'zod';
import { smallestInstance } from '../../../local/bedrock/answer/json-instance.ts';

const node = { type: 'object', required: ['next'], properties: { next: { $ref: '#/$defs/node' } } };

type Schema = Parameters<typeof z.fromJSONSchema>[0];

/** Another reader of schemas, so that we do not mark our own work. */
const allows = (schema: Schema, value: unknown) => z.fromJSONSchema(schema).safeParse(value).success;

describe('the smallest instance of a schema', () => {
  it.each<[Schema, unknown]>([
    [{ type: 'object', properties: { a: { type: 'string' } } }, {}],
    [{ type: 'object', required: ['a'], properties: { a: { type: 'string' }, b: {} } }, { a: 'text' }],
    [{ required: ['a'], properties: { a: true } }, { a: {} }],
    [{ type: 'array', items: { type: 'integer' } }, []],
    [{ type: 'array', minItems: 2, items: { type: 'boolean' } }, [false, false]],
    [{ prefixItems: [{ type: 'null' }, { const: 5 }] }, [null, 5]],
    [{ enum: ['red', 'green'] }, 'red'],
    [{ type: 'string', minLength: 6 }, 'text..'],
    [{ type: 'string', maxLength: 2 }, 'te'],
    [{ type: 'string', format: 'date' }, '2026-01-01'],
    [{ type: 'integer', minimum: 3 }, 3],
    [{ type: 'integer', exclusiveMinimum: 3 }, 4],
    [{ type: 'integer', minimum: 2.5, maximum: 3.5 }, 3],
    [{ type: 'integer', maximum: -7 }, -7],
    [{ type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 }, 0.5],
    [{ type: 'number', minimum: 1, multipleOf: 0.5 }, 1],
    [{ type: ['string', 'null'] }, 'text'],
    [{ anyOf: [{ type: 'string', pattern: 'x' }, { type: 'integer' }] }, 0],
    [{ oneOf: [{ const: 'a' }, { const: 'b' }] }, 'a'],
    [
      { allOf: [{ required: ['a'] }, { required: ['b'] }], properties: { a: { const: 1 }, b: { const: 2 } } },
      { a: 1, b: 2 },
    ],
    [{ $ref: '#/$defs/x~1y', $defs: { 'x/y': { const: 'found' } } }, 'found'],
  ])('%j is %j', (schema, value) => {
    expect(smallestInstance(schema)).toEqual({ kind: 'instance', value });
    expect(allows(schema, value)).toBe(true);
  });

  it.each([
    [{ type: 'array', minItems: 1_000_000_000 }, 'minItems above 100 is not supported'],
    [{ type: 'string', minLength: 1_000_000_000 }, 'minLength above 1000 is not supported'],
    [{ type: 'string', pattern: '^a' }, 'the keyword pattern is not supported'],
    [{ type: 'string', format: 'iban' }, 'the format "iban" is not known'],
    [{ type: 'thing' }, 'the type "thing" is not known'],
    [{ type: 'integer', minimum: 3.2, maximum: 3.8 }, 'no number was found within its bounds'],
    [{ $ref: 'https://example.com/' }, 'the reference https://example.com/ leads out of the schema'],
    [{ $ref: '#/$defs/none' }, 'a reference or part of the schema is not an object'],
    [{ ...node, $defs: { node } }, 'the schema requires itself without end'],
    [{ $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/a' } } }, 'the schema requires itself without end'],
    [false, 'a schema must be an object or true'],
  ])('%j cannot be made', (schema, reason) => {
    expect(smallestInstance(schema)).toEqual({ kind: 'unable', reason });
  });
});
