type Json = Readonly<Record<string, unknown>>;

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];
const TYPES = ['string', 'number', 'integer', 'boolean', 'array', 'object', 'null'];

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const entriesOf = (value: unknown): readonly (readonly [string, unknown])[] =>
  isObject(value) ? Object.entries(value) : [];

type Check = (value: unknown, at: string) => readonly string[];

const unknownIn = (value: Json, at: string, known: readonly string[]): readonly string[] =>
  Object.keys(value)
    .filter((name) => !known.includes(name) && !name.startsWith('x-'))
    .map((name) => `${at} has the unknown field ${name}`);

const need = (value: Json, at: string, fields: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(fields)
    .filter(([name, type]) => typeof value[name] !== type)
    .map(([name, type]) => `${at}/${name} must be a ${type}`);

/** JSON Schema 2020-12, as far as OpenAPI 3.1 takes it over. */
const checkSchema: Check = (value, at) => {
  if (typeof value === 'boolean') return [];
  if (!isObject(value)) return [`${at} must be a schema`];
  const types = value.type === undefined ? [] : [value.type].flat();
  const lists = ['oneOf', 'anyOf', 'allOf', 'prefixItems'].flatMap((name) => {
    const list = value[name];
    if (list === undefined) return [];
    if (!Array.isArray(list) || list.length === 0) return [`${at}/${name} must be a list that is not empty`];
    return list.flatMap((item, index) => checkSchema(item, `${at}/${name}/${index}`));
  });
  const single = ['items', 'additionalProperties', 'propertyNames', 'not'].flatMap((name) =>
    value[name] === undefined ? [] : checkSchema(value[name], `${at}/${name}`),
  );
  const required = value.required;
  return [
    ...types
      .filter((type) => !TYPES.includes(String(type)))
      .map((type) => `${at} has the unknown type ${type}`),
    ...(value.nullable === undefined ? [] : [`${at}/nullable is of OpenAPI 3.0`]),
    ...(required === undefined || (Array.isArray(required) && new Set(required).size === required.length)
      ? []
      : [`${at}/required must be a list of different names`]),
    ...(value.$ref === undefined || typeof value.$ref === 'string' ? [] : [`${at}/$ref must be a string`]),
    ...lists,
    ...single,
    ...entriesOf(value.properties).flatMap(([name, inner]) => checkSchema(inner, `${at}/properties/${name}`)),
  ];
};

const checkContent: Check = (value, at) =>
  isObject(value)
    ? entriesOf(value).flatMap(([type, media]) => [
        ...(/^[\w.+-]+\/[\w.+-]+$/.test(type) ? [] : [`${at}/${type} must be a media type`]),
        ...(isObject(media)
          ? checkSchema(media.schema, `${at}/${type}/schema`)
          : [`${at}/${type} must be an object`]),
      ])
    : [`${at} must be an object`];

const checkParameter: Check = (value, at) => {
  if (!isObject(value)) return [`${at} must be an object`];
  return [
    ...need(value, at, { name: 'string', in: 'string' }),
    ...unknownIn(value, at, ['name', 'in', 'description', 'required', 'deprecated', 'schema', 'example']),
    ...(['query', 'header', 'path', 'cookie'].includes(String(value.in)) ? [] : [`${at}/in is unknown`]),
    ...(value.in === 'path' && value.required !== true
      ? [`${at} is in the path, so it must be required`]
      : []),
    ...checkSchema(value.schema, `${at}/schema`),
  ];
};

const checkResponse: Check = (value, at) => {
  if (!isObject(value)) return [`${at} must be an object`];
  return [
    ...need(value, at, { description: 'string' }),
    ...unknownIn(value, at, ['description', 'headers', 'content', 'links']),
    ...entriesOf(value.headers).flatMap(([name, header]) =>
      isObject(header)
        ? checkSchema(header.schema, `${at}/headers/${name}/schema`)
        : [`${at}/headers/${name}`],
    ),
    ...(value.content === undefined ? [] : checkContent(value.content, `${at}/content`)),
  ];
};

const checkOperation: Check = (value, at) => {
  if (!isObject(value)) return [`${at} must be an object`];
  const { parameters = [], requestBody, responses } = value;
  const names = (parameters as readonly Json[]).map((parameter) => `${parameter.in} ${parameter.name}`);
  return [
    ...need(value, at, { operationId: 'string', summary: 'string', responses: 'object' }),
    ...unknownIn(value, at, [
      'operationId',
      'summary',
      'description',
      'tags',
      'parameters',
      'requestBody',
      'responses',
      'security',
    ]),
    ...(new Set(names).size === names.length ? [] : [`${at}/parameters has one twice`]),
    ...(parameters as readonly unknown[]).flatMap((each, index) =>
      checkParameter(each, `${at}/parameters/${index}`),
    ),
    ...(requestBody === undefined
      ? []
      : checkContent((requestBody as Json).content, `${at}/requestBody/content`)),
    ...(entriesOf(responses).length === 0 ? [`${at}/responses must not be empty`] : []),
    ...entriesOf(responses).flatMap(([status, response]) => [
      ...(/^([1-5](\d\d|XX)|default)$/.test(status) ? [] : [`${at}/responses/${status} is no status`]),
      ...checkResponse(response, `${at}/responses/${status}`),
    ]),
  ];
};

/** Names of ways to prove who calls that no operation could be asked for. */
const unknownSchemes = ({ paths, components }: Json): readonly string[] => {
  const known = entriesOf((components as Json | undefined)?.securitySchemes).map(([name]) => name);
  const operations = entriesOf(paths).flatMap(([, item]) =>
    entriesOf(item).map(([, operation]) => operation),
  );
  const named = operations.flatMap((operation) => {
    const { security = [] } = operation as { readonly security?: readonly Json[] };
    return security.flatMap((way) => Object.keys(way));
  });
  return [...new Set(named)].filter((name) => !known.includes(name));
};

/** Everything in which a document is no OpenAPI 3.1, as far as it uses what is checked here. */
export const findStructureFaults = (document: unknown): readonly string[] => {
  if (!isObject(document)) return ['the document must be an object'];
  const { openapi, info, paths, components } = document;
  return [
    ...(/^3\.1\.\d+$/.test(String(openapi)) ? [] : ['openapi must be 3.1.x']),
    ...unknownIn(document, '', [
      'openapi',
      'info',
      'servers',
      'paths',
      'components',
      'security',
      'tags',
      'jsonSchemaDialect',
    ]),
    ...(isObject(info) ? need(info, 'info', { title: 'string', version: 'string' }) : ['info is needed']),
    ...entriesOf(paths).flatMap(([path, item]) => [
      ...(path.startsWith('/') ? [] : [`paths/${path} must begin with /`]),
      ...entriesOf(item).flatMap(([method, operation]) =>
        METHODS.includes(method)
          ? checkOperation(operation, `${method} ${path}`)
          : [`paths/${path} has the unknown method ${method}`],
      ),
    ]),
    ...unknownSchemes(document).map((scheme) => `security names the scheme ${scheme}, which there is not`),
    ...entriesOf((components as Json | undefined)?.schemas).flatMap(([name, schema]) => [
      ...(/^[\w.-]+$/.test(name) ? [] : [`components/schemas/${name} is no name`]),
      ...checkSchema(schema, `components/schemas/${name}`),
    ]),
  ];
};
