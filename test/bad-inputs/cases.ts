/** One thing that a caller may send and must not. */
export interface BadInput {
  readonly name: string;
  /** What is sent: JSON, unless it is text or bytes already. */
  readonly sent: unknown;
  /** How the table shows it, where it is too long or cannot be shown. */
  readonly shown?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: string;
  /** Not all can come by a queue: it knows no headers, and carries text only. */
  readonly onlyHttp?: true;
}

export interface RawText {
  readonly raw: string;
}

const raw = (text: string): RawText => ({ raw: text });
const user = (content: unknown) => ({ role: 'user', content });
const nested = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;
const converse = (fields: object) => ({ converse: { messages: [user([{ text: 'x' }])], ...fields } });
const MEGABYTE = 1024 * 1024;

const NOT_JSON: readonly BadInput[] = [
  { name: 'nothing at all', sent: raw('') },
  { name: 'white space', sent: raw(' \n\t') },
  { name: 'plain text', sent: raw('Say hello.') },
  { name: 'a form', sent: raw('prompt=hello&max_tokens=10') },
  { name: 'JSON that ends too early', sent: raw('{"prompt": "x"') },
  { name: 'JSON with more after it', sent: raw('{"prompt": "x"} {"prompt": "y"}') },
  { name: 'a comma too many', sent: raw('{"prompt": "x",}') },
  { name: 'single quotes', sent: raw("{'prompt': 'x'}") },
  { name: 'a comment', sent: raw('{"prompt": "x" /* hello */}') },
  { name: 'NaN', sent: raw('{"prompt": "x", "max_tokens": NaN}') },
  { name: 'Infinity', sent: raw('{"prompt": "x", "temperature": Infinity}') },
  { name: 'a number with a leading zero', sent: raw('{"prompt": "x", "max_tokens": 010}') },
  { name: 'a raw line break inside a text', sent: raw('{"prompt": "a\nb"}') },
  {
    name: 'bytes that are not UTF-8',
    sent: Uint8Array.of(0x7b, 0x22, 0x70, 0x22, 0x3a, 0x22, 0xff, 0x22, 0x7d),
    shown: '7b 22 70 22 3a 22 ff 22 7d',
    onlyHttp: true,
  },
];

const NO_REQUEST: readonly BadInput[] = [
  { name: 'null', sent: null },
  { name: 'a number', sent: 7 },
  { name: 'a text', sent: raw('"prompt"') },
  { name: 'an array', sent: [{ prompt: 'x' }] },
  { name: 'an empty object', sent: {} },
];

const FIELDS: readonly BadInput[] = [
  { name: 'a misspelt field', sent: { promt: 'x' } },
  { name: 'a field in camel case', sent: { prompt: 'x', maxTokens: 5 } },
  { name: 'a field of another API', sent: { prompt: 'x', stream: true } },
  { name: '`__proto__`', sent: raw('{"prompt": "x", "__proto__": {"priority": "high"}}') },
  { name: '`constructor`', sent: raw('{"prompt": "x", "constructor": {"prototype": {}}}') },
  { name: 'an unknown field of converse', sent: converse({ inferenceConfg: {} }) },
  { name: '`modelId` inside converse', sent: converse({ modelId: 'm' }) },
  { name: 'the same name twice, the last one bad', sent: raw('{"prompt": "x", "prompt": 7}') },
  { name: 'two kinds of content', sent: { prompt: 'x', messages: [user('y')] } },
  { name: 'the short form beside converse', sent: { ...converse({}), system: 's', max_tokens: 5 } },
];

const CONTENT: readonly BadInput[] = [
  { name: 'an empty prompt', sent: { prompt: '' } },
  { name: 'a blank prompt', sent: { prompt: ' \n\t' } },
  { name: 'a blank message', sent: { messages: [user('  ')] } },
  { name: 'a prompt that is no text', sent: { prompt: ['x'] } },
  { name: 'no messages', sent: { messages: [] } },
  { name: 'a message without a role', sent: { messages: [{ content: 'x' }] } },
  { name: 'an unknown role', sent: { messages: [{ role: 'system', content: 'x' }] } },
  { name: 'the assistant first', sent: { messages: [{ role: 'assistant', content: 'x' }] } },
  { name: 'a role twice in a row', sent: { messages: [user('a'), user('b')] } },
  { name: 'a message without content', sent: { messages: [{ role: 'user' }] } },
  { name: 'empty text', sent: { messages: [user('')] } },
  { name: 'an empty list of blocks', sent: { messages: [user([])] } },
  { name: 'an empty text block', sent: { messages: [user([{ text: '' }])] } },
  { name: 'an unknown block', sent: { messages: [user([{ picture: {} }])] } },
  { name: 'a block of two kinds', sent: { messages: [user([{ text: 'x', image: {} }])] } },
  { name: 'a block of blank text', sent: { messages: [user([{ text: ' ' }])] } },
  { name: 'an empty block', sent: { messages: [user([{ image: {} }])] } },
  { name: 'an empty block inside converse', sent: { converse: { messages: [user([{ document: {} }])] } } },
  { name: 'a block that is no object', sent: { messages: [user([{ toolUse: 'x' }])] } },
  { name: 'an empty system prompt', sent: { prompt: 'x', system: '' } },
];

const VALUES: readonly BadInput[] = [
  { name: 'an unknown model', sent: { prompt: 'x', model: 'haikuu' } },
  { name: 'a model that is no text', sent: { prompt: 'x', model: 3 } },
  { name: 'max_tokens above the cap of the pool', sent: { prompt: 'x', max_tokens: 32_001 } },
  { name: 'max_tokens that no drain lives to see written', sent: { prompt: 'x', max_tokens: 100_000_000 } },
  { name: 'max_tokens of 0', sent: { prompt: 'x', max_tokens: 0 } },
  { name: 'max_tokens with a fraction', sent: { prompt: 'x', max_tokens: 1.5 } },
  { name: 'max_tokens as text', sent: { prompt: 'x', max_tokens: '100' } },
  { name: 'a number beyond all others', sent: raw('{"prompt": "x", "max_tokens": 1e400}') },
  { name: 'a number too large to be exact', sent: raw('{"prompt": "x", "max_tokens": 9007199254740993}') },
  { name: 'too many maxTokens inside converse', sent: converse({ inferenceConfig: { maxTokens: 40_000 } }) },
  { name: 'a temperature above 1', sent: { prompt: 'x', temperature: 1.1 } },
  { name: 'a negative top_p', sent: { prompt: 'x', top_p: -0.1 } },
  { name: 'an unknown priority', sent: { prompt: 'x', priority: 'urgent' } },
  { name: 'an unknown service tier', sent: { prompt: 'x', service_tier: 'gold' } },
  { name: 'a custom_id with a space', sent: { prompt: 'x', custom_id: 'order 17' } },
  { name: 'a custom_id too long', sent: { prompt: 'x', custom_id: 'x'.repeat(65) } },
  { name: 'an empty idempotency key', sent: { prompt: 'x', idempotency_key: '' } },
  { name: 'a tenant with a slash', sent: { prompt: 'x', tenant: 'a/b' } },
  { name: 'metadata that is no text', sent: { prompt: 'x', metadata: { order: 17 } } },
  {
    name: 'too much metadata',
    sent: {
      prompt: 'x',
      metadata: Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`k${index}`, 'v'])),
    },
  },
  { name: 'a lone surrogate in an id', sent: raw('{"prompt": "x", "custom_id": "\\ud800"}') },
];

const TIMES: readonly BadInput[] = [
  { name: 'a deadline that has passed', sent: { prompt: 'x', deadline: '2020-01-01T00:00:00Z' } },
  { name: 'a deadline too far away', sent: { prompt: 'x', deadline: '2030-01-01T00:00:00Z' } },
  { name: 'a deadline without an offset', sent: { prompt: 'x', deadline: '2026-02-01T00:00:00' } },
  { name: 'a deadline that is no date', sent: { prompt: 'x', deadline: '2026-02-30T00:00:00Z' } },
  { name: 'a deadline in seconds', sent: { prompt: 'x', deadline: 1_769_900_000 } },
  { name: 'expires_in_seconds of 0', sent: { prompt: 'x', expires_in_seconds: 0 } },
  {
    name: 'both kinds of deadline',
    sent: { prompt: 'x', deadline: '2026-02-01T00:00:00Z', expires_in_seconds: 60 },
  },
  {
    name: 'a deadline before it may run',
    sent: { prompt: 'x', not_before: '2026-01-31T13:00:00Z', deadline: '2026-01-31T12:30:00Z' },
  },
  { name: 'not_before too far away', sent: { prompt: 'x', not_before: '2026-02-02T12:00:00Z' } },
];

const SIZES: readonly BadInput[] = [
  {
    name: 'nesting too deep',
    sent: raw(
      `{"converse": {"messages": [{"role": "user", "content": [{"text": "x"}]}], "toolConfig": {"a": ${nested(120)}}}}`,
    ),
    shown: '{"converse": {…, "toolConfig": {"a": [[[…]]]}}} with 120 levels',
  },
  {
    name: 'nesting that breaks parsers',
    sent: raw(nested(5_000)),
    shown: '[[[…]]] with 5,000 levels',
  },
  {
    name: 'too many values',
    sent: { messages: [user(Array.from({ length: 60_000 }, () => ({ text: 'x' })))] },
    shown: '{"messages": [{"role": "user", "content": […]}]} with 60,000 blocks',
    onlyHttp: true,
  },
  {
    name: 'a body above 4 MB',
    sent: { prompt: 'x'.repeat(4 * MEGABYTE) },
    shown: '{"prompt": "xxx…"} of 4 MB',
    onlyHttp: true,
  },
  {
    name: 'many faults at once',
    sent: { prompt: '', max_tokens: 0, priority: 'urgent', metadata: { a: 1 }, custom_id: 'ä' },
  },
];

const HEADERS: readonly BadInput[] = [
  { name: 'no content type', sent: { prompt: 'x' }, headers: { 'content-type': '' }, onlyHttp: true },
  {
    name: 'a content type of text',
    sent: { prompt: 'x' },
    headers: { 'content-type': 'text/plain' },
    onlyHttp: true,
  },
  {
    name: 'a content type of forms',
    sent: { prompt: 'x' },
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    onlyHttp: true,
  },
  {
    name: 'another charset',
    sent: { prompt: 'x' },
    headers: { 'content-type': 'application/json; charset=latin1' },
    onlyHttp: true,
  },
  { name: 'a parameter of the query', sent: { prompt: 'x' }, query: '?wait=20', onlyHttp: true },
  {
    name: 'an idempotency key too long',
    sent: { prompt: 'x' },
    headers: { 'idempotency-key': 'k'.repeat(256) },
    onlyHttp: true,
  },
  {
    name: 'two idempotency keys',
    sent: { prompt: 'x', idempotency_key: 'a' },
    headers: { 'idempotency-key': 'b' },
    onlyHttp: true,
  },
  { name: 'another’s tenant', sent: { prompt: 'x', tenant: 'somebody-else' }, onlyHttp: true },
];

export const BAD_INPUT_GROUPS: readonly (readonly [string, readonly BadInput[]])[] = [
  ['Not JSON', NOT_JSON],
  ['JSON, but no request', NO_REQUEST],
  ['Fields', FIELDS],
  ['Content', CONTENT],
  ['Values', VALUES],
  ['Times', TIMES],
  ['Sizes', SIZES],
  ['Headers and credentials', HEADERS],
];
