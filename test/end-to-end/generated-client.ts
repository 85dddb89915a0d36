type Json = Readonly<Record<string, unknown>>;

export interface Call {
  readonly parameters?: Readonly<Record<string, string | number>>;
  readonly body?: unknown;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Json;
}

/** By operation id. */
export type GeneratedClient = Readonly<Record<string, (call?: Call) => Promise<Answer>>>;

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
}

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Json }>> };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: Json }>> }>
  >;
}

export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Json>> };
}

const typeOf = (value: unknown): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
};

const isOfType = (value: unknown, type: string): boolean =>
  typeOf(value) === type || (type === 'number' && typeof value === 'number');

/** Where a value is not what its schema says; the part of JSON Schema that the document uses. */
const mismatches = (
  value: unknown,
  schema: Json,
  at: string,
  document: OpenApiDocument,
): readonly string[] => {
  const within = (inner: unknown, innerSchema: Json, place: string): readonly string[] =>
    mismatches(inner, innerSchema, place, document);
  if (typeof schema.$ref === 'string') {
    const name = schema.$ref.replace('#/components/schemas/', '');
    return within(value, document.components.schemas[name] ?? { not: {} }, at);
  }
  const choices = (schema.oneOf ?? schema.anyOf) as readonly Json[] | undefined;
  if (choices !== undefined)
    return choices.some((choice) => within(value, choice, at).length === 0) ? [] : [`${at} fits no choice`];
  const types = schema.type === undefined ? [] : [schema.type].flat().map(String);
  if (types.length > 0 && !types.some((type) => isOfType(value, type)))
    return [`${at} is of type ${typeOf(value)}`];
  if (schema.const !== undefined && value !== schema.const) return [`${at} must be ${schema.const}`];
  if (Array.isArray(schema.enum) && !schema.enum.includes(value)) return [`${at} is ${value}`];
  if (Array.isArray(value))
    return value.flatMap((item, index) => within(item, (schema.items ?? {}) as Json, `${at}/${index}`));
  if (typeof value !== 'object' || value === null) return [];
  const properties = (schema.properties ?? {}) as Readonly<Record<string, Json>>;
  const required = (schema.required ?? []) as readonly string[];
  return [
    ...required.filter((name) => !(name in value)).map((name) => `${at}/${name} is missing`),
    ...Object.entries(value).flatMap(([name, inner]) => {
      const known = properties[name];
      if (known !== undefined) return within(inner, known, `${at}/${name}`);
      return schema.additionalProperties === false ? [`${at}/${name} is not described`] : [];
    }),
  ];
};

const fillPath = (path: string, operation: Operation, values: Call['parameters'] = {}): string =>
  path.replaceAll(/\{([^}]+)\}/g, (_, name: string) => {
    if (operation.parameters?.some((each) => each.in === 'path' && each.name === name) !== true)
      throw new Error(`${operation.operationId} does not declare ${name}`);
    return encodeURIComponent(String(values[name] ?? ''));
  });

const checkAnswer = (
  operation: Operation,
  status: number,
  type: string,
  body: Json,
  document: OpenApiDocument,
): void => {
  const described = operation.responses[String(status)];
  if (described === undefined) throw new Error(`${operation.operationId} does not describe ${status}`);
  const schema = described.content?.[type]?.schema;
  if (schema === undefined)
    throw new Error(`${operation.operationId} does not describe ${status} as ${type}`);
  const found = mismatches(body, schema, '', document);
  if (found.length > 0) throw new Error(`${operation.operationId} ${status}: ${found.join('; ')}`);
};

const toFunction =
  (base: string, method: string, path: string, operation: Operation, document: OpenApiDocument) =>
  async ({ parameters = {}, body }: Call = {}): Promise<Answer> => {
    const url = new URL(fillPath(path, operation, parameters), base);
    const headers = new Headers(body === undefined ? {} : { 'content-type': 'application/json' });
    for (const { name, in: place } of operation.parameters ?? []) {
      const value = parameters[name];
      if (value === undefined) continue;
      if (place === 'query') url.searchParams.set(name, String(value));
      if (place === 'header') headers.set(name, String(value));
    }
    const response = await fetch(url, {
      method: method.toUpperCase(),
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as Json;
    const type = (response.headers.get('content-type') ?? '').split(';')[0] ?? '';
    checkAnswer(operation, response.status, type, answer, document);
    return { status: response.status, headers: response.headers, body: answer };
  };

/** A client made of nothing but the document; what the document does not describe is an error. */
export const generateClient = (document: OpenApiDocument, base: string): GeneratedClient =>
  Object.fromEntries(
    Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => [
        operation.operationId,
        toFunction(base, method, path, operation, document),
      ]),
    ),
  );
