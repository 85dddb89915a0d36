import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ERROR_CODE_NAMES, ERROR_CODES } from '../../shared/contract/error-codes.ts';
import { createOpenApi } from '../../shared/contract/openapi.ts';
import { ROUTES } from '../../shared/contract/routes.ts';

import { findStructureFaults } from './openapi-structure.ts';

type Json = Readonly<Record<string, unknown>>;

const document = JSON.parse(JSON.stringify(createOpenApi())) as Json & {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Json>>>>;
};
const published = readFileSync(resolve(__dirname, '../../docs/openapi.json'), 'utf8');

const nodesOf = (value: unknown): readonly unknown[] =>
  typeof value === 'object' && value !== null ? [value, ...Object.values(value).flatMap(nodesOf)] : [value];

const referencesIn = (value: unknown): readonly string[] =>
  nodesOf(value).flatMap((node) =>
    typeof node === 'object' && node !== null && '$ref' in node ? [String(node.$ref)] : [],
  );

const resolvePointer = (pointer: string): unknown =>
  pointer
    .replace(/^#\//, '')
    .split('/')
    .reduce<unknown>((value, part) => (value as Json | undefined)?.[part], document);

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
);

describe('the published OpenAPI document', () => {
  it('is docs/openapi.json: write it anew with two spaces and a newline at its end', () => {
    expect(JSON.parse(published)).toEqual(document);
    expect(published).toBe(`${JSON.stringify(document, null, 2)}\n`);
  });

  it('has the version of the package', () => {
    const manifest = readFileSync(resolve(__dirname, '../../package.json'), 'utf8');
    const { version } = JSON.parse(manifest) as { readonly version: string };
    expect(document.info).toMatchObject({ version });
  });

  it('is built as OpenAPI 3.1 has it', () => {
    expect(findStructureFaults(document)).toEqual([]);
  });

  it.each([
    [
      'a response without a description',
      { responses: { 200: {} } },
      'get /x/responses/200/description must be a string',
    ],
    [
      'a parameter of the path that may be left out',
      { parameters: [{ name: 'id', in: 'path', schema: {} }] },
      'get /x/parameters/0 is in the path, so it must be required',
    ],
    [
      'a type that there is not',
      { parameters: [{ name: 'id', in: 'query', schema: { type: 'text' } }] },
      'get /x/parameters/0/schema has the unknown type text',
    ],
    [
      'a status that there is not',
      { responses: { 999: { description: 'x' } } },
      'get /x/responses/999 is no status',
    ],
  ])('would not be with %s', (_, fields, fault) => {
    const operation = { operationId: 'x', summary: 'x', responses: { 200: { description: 'x' } }, ...fields };
    expect(findStructureFaults({ ...document, paths: { '/x': { get: operation } } })).toEqual([fault]);
  });

  it('would not be where an operation asks for a proof that is not described', () => {
    const operation = {
      operationId: 'x',
      summary: 'x',
      responses: { 200: { description: 'x' } },
      security: [{ password: [] }],
    };
    expect(findStructureFaults({ ...document, paths: { '/x': { get: operation } } })).toEqual([
      'security names the scheme password, which there is not',
    ]);
  });

  it('lets nobody in who is not known, but for two routes', () => {
    const open = operations.filter(
      ({ operation }) => (operation.security as readonly unknown[]).length === 0,
    );
    expect(open.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /health', 'GET /openapi.json']);
    for (const { operation } of operations)
      if (!open.some((one) => one.operation === operation))
        expect(Object.keys(operation.responses as Json)).toEqual(expect.arrayContaining(['401', '403']));
  });

  it('has every route, and no other', () => {
    expect(operations.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(
      ROUTES.map(({ method, path }) => `${method} ${path}`).sort(),
    );
  });

  it('sums each operation up as its route does, under an id of its own', () => {
    const summaries = new Map(
      operations.map(({ method, path, operation }) => [`${method} ${path}`, operation]),
    );

    for (const { method, path, summary } of ROUTES)
      expect(summaries.get(`${method} ${path}`)).toMatchObject({ summary });
    expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(ROUTES.length);
  });

  it('refers to nothing that is not there', () => {
    const references = referencesIn(document);

    expect(references).toContain('#/components/schemas/Envelope');
    expect(references.filter((reference) => !reference.startsWith('#/'))).toEqual([]);
    expect(references.filter((reference) => resolvePointer(reference) === undefined)).toEqual([]);
  });

  it('declares the parameters of the query that its routes know', () => {
    const known = new Map<string, readonly string[]>(
      ROUTES.map((route) => [
        `${route.method} ${route.path}`,
        'parameters' in route ? [...route.parameters].sort() : [],
      ]),
    );
    for (const { path, method, operation } of operations) {
      const declared = ((operation.parameters ?? []) as readonly Json[])
        .filter((parameter) => parameter.in === 'query')
        .map(({ name }) => String(name));
      expect(declared.sort()).toEqual(known.get(`${method} ${path}`));
    }
  });

  it('declares the parameters that its paths hold', () => {
    for (const { path, operation } of operations) {
      const held = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name);
      const declared = ((operation.parameters ?? []) as readonly Json[])
        .filter((parameter) => parameter.in === 'path')
        .map(({ name }) => name);

      expect(declared).toEqual(held);
    }
  });

  it('answers every failure with a problem object', () => {
    const failures = operations.flatMap(({ operation }) =>
      Object.entries(operation.responses as Readonly<Record<string, unknown>>).filter(
        ([status]) => status >= '400',
      ),
    );

    for (const [, response] of failures)
      expect(response).toMatchObject({
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      });
  });
});

describe('error codes in the OpenAPI document', () => {
  /** Answered where no operation is: at a path that exists, to a method that does not. */
  const OUTSIDE_OF_OPERATIONS = ['method_not_allowed'];
  /** One of the faults that a redrive names, of requests that it left. */
  const INSIDE_OF_ANSWERS = ['not_reopenable'];

  /** Of calls that are kept open, at the doors of SDKs, whose makers describe them. */
  const AT_OTHER_DOORS = ['not_answered_yet'];

  const described = operations.flatMap(({ operation }) =>
    Object.entries(operation.responses as Readonly<Record<string, Json>>).flatMap(([status, response]) =>
      [...String(response.description).matchAll(/`([a-z_]+)`: /g)].map(([, code]) => ({ code, status })),
    ),
  );

  it('describe each refusal that a door can give', () => {
    const refusals = ERROR_CODE_NAMES.filter((code) => ERROR_CODES[code].disposition === 'refused');

    const elsewhere = [...OUTSIDE_OF_OPERATIONS, ...INSIDE_OF_ANSWERS, ...AT_OTHER_DOORS];
    expect([...new Set(described.map(({ code }) => code)), ...elsewhere].sort()).toEqual(
      [...refusals].sort(),
    );
  });

  it('stand under the status that they are answered with', () => {
    const statuses = new Map(Object.entries(ERROR_CODES).map(([code, { status }]) => [code, String(status)]));

    expect(described.filter(({ code, status }) => statuses.get(code ?? '') !== status)).toEqual([]);
  });

  it('are all values of `code` in a problem, so that results and refusals on the queue are described too', () => {
    expect(resolvePointer('#/components/schemas/Problem/properties/code/enum')).toEqual([
      ...ERROR_CODE_NAMES,
    ]);
    expect(JSON.stringify(resolvePointer('#/components/schemas/Result/properties/error'))).toContain(
      '#/components/schemas/Problem',
    );
  });
});
