import fc from 'fast-check';
import { createSubmitApp } from '../../../functions/ingestion/submit-app.ts';
import { createReadApp } from '../../../functions/query/read-app.ts';
import { findRoute } from '../../../functions/runtime/find-route.ts';
import { toHttpHandler } from '../../../functions/runtime/http-handler.ts';
import { problemSchema } from '../../../shared/contract/problem.ts';
import { ROUTES, type Route } from '../../../shared/contract/routes.ts';
import type { Around } from '../../fakes/interpose.ts';
import { acceptDepsOf, createWorld, type World } from '../../fakes/world.ts';
import { contextOf, httpEventOf } from '../../functions/lambda-events.ts';
import { accountsOf, changedFault, errorFault, halfFault, pollutionFault } from './accounts.ts';
import type { Door } from './door.ts';
import { changedValue, hostileText, hostileValue, textOf } from './hostile-values.ts';
import { SOUND_BATCHES, SOUND_ENVELOPES, SOUND_ORDERS } from './sound-values.ts';

interface HttpCase {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly base64: boolean;
}

interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const ALL: readonly Route[] = ROUTES;
const METHODS = [
  'GET',
  'POST',
  'POST',
  'HEAD',
  'PUT',
  'DELETE',
  'PATCH',
  'OPTIONS',
  'TRACE',
  'CONNECT',
  'get',
];
const NAMES = [
  'content-type',
  'content-encoding',
  'content-length',
  'accept',
  'idempotency-key',
  'x-correlation-id',
  'traceparent',
  'authorization',
  'x-api-key',
  'prefer',
  'origin',
  'access-control-request-method',
  'host',
  'x-forwarded-for',
  'expect',
  'range',
  'if-none-match',
  'cookie',
];
const TYPES = [
  'application/json',
  'application/json',
  'application/x-ndjson',
  'text/plain',
  'multipart/form-data',
];

/** Node and API Gateway let nothing else through. */
const headerValue = hostileText.map((text) => text.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '?'));

/** Lone surrogates, which no URL can hold, become what stands for them in UTF-8. */
const encodeForUrl = (text: string): string => encodeURIComponent(Buffer.from(text).toString('utf8'));

const segment = fc.oneof(hostileText.map(encodeForUrl), hostileText);

const path: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom(
      ...ALL.map((route) => route.path),
      '/',
      '/v1',
      '/ops',
      '/_sim',
      '//v1/requests',
      '/v1/requests/',
    ),
    fc.oneof(fc.constantFrom('req_00000000000000000000000000', 'bat_00000000000000000000000000'), segment),
    fc.oneof({ weight: 5, arbitrary: fc.constant('') }, segment),
  )
  .map(([route, id, more]) => route.replace('{id}', () => id) + more);

const QUERY_NAMES = [...new Set(ALL.flatMap(({ parameters = [] }) => parameters))];

const query: fc.Arbitrary<string> = fc.oneof(
  fc.constant(''),
  fc
    .array(fc.tuple(fc.oneof(fc.constantFrom(...QUERY_NAMES), hostileText), hostileText), { maxLength: 3 })
    .map((pairs) => pairs.map(([name, value]) => `${encodeForUrl(name)}=${encodeForUrl(value)}`).join('&')),
  hostileText,
);

const lines = fc
  .array(textOf(changedValue(SOUND_ENVELOPES)), { maxLength: 4 })
  .chain((texts) => fc.constantFrom('\n', '\r\n', '\n\n', '').map((separator) => texts.join(separator)));

const body: fc.Arbitrary<string> = fc.oneof(
  { weight: 5, arbitrary: textOf(changedValue(SOUND_ENVELOPES)) },
  { weight: 3, arbitrary: textOf(changedValue([...SOUND_BATCHES, ...SOUND_ORDERS])) },
  { weight: 2, arbitrary: lines },
  { weight: 1, arbitrary: textOf(hostileValue) },
  { weight: 1, arbitrary: hostileText },
);

const headers: fc.Arbitrary<Readonly<Record<string, string>>> = fc
  .tuple(
    fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...TYPES) }, headerValue),
    fc.dictionary(fc.constantFrom(...NAMES), headerValue, { maxKeys: 3 }),
  )
  .map(([type, others]) => ({ 'content-type': type, ...others }));

const anywhere: fc.Arbitrary<HttpCase> = fc.record({
  method: fc.constantFrom(...METHODS),
  path,
  query,
  headers,
  body: fc.oneof(fc.constant(''), body),
  base64: fc.boolean(),
});

/** What most of the code is behind: a path that is there, asked as it wants to be. */
const atRoutes: fc.Arbitrary<HttpCase> = fc.record({
  method: fc.constant('POST'),
  path: fc.constantFrom(
    ...ALL.filter(({ method }) => method === 'POST').map((route) =>
      route.path.replace('{id}', 'req_00000000000000000000000000'),
    ),
  ),
  query: fc.constant(''),
  headers: fc.constantFrom<Readonly<Record<string, string>>>(
    { 'content-type': 'application/json' },
    { 'content-type': 'application/x-ndjson' },
  ),
  body,
  base64: fc.boolean(),
});

const eventOf = ({
  method,
  path: rawPath,
  query: rawQueryString,
  headers: sent,
  body: text,
  base64,
}: HttpCase) => {
  const event = httpEventOf(method, rawPath, { headers: { ...sent } });
  const encoded = base64 ? Buffer.from(text).toString('base64') : text;
  return { ...event, rawQueryString, isBase64Encoded: base64, ...(text === '' ? {} : { body: encoded }) };
};

const toAnswer = (result: unknown): Answer => {
  const {
    statusCode,
    headers: told = {},
    body: text = '',
    isBase64Encoded,
  } = result as {
    readonly statusCode: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
    readonly isBase64Encoded?: boolean;
  };
  return {
    statusCode,
    headers: told,
    body: isBase64Encoded === true ? Buffer.from(text, 'base64').toString('utf8') : text,
  };
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Whatever is not done is told by a problem that says so with its own status. */
const problemFault = (
  { statusCode, headers: told, body: text }: Answer,
  method: string,
): string | undefined => {
  if (statusCode >= 500) return `it was answered with ${statusCode}: ${text}`;
  if (statusCode < 400) return undefined;
  const type = told['content-type'] ?? '';
  if (!type.startsWith('application/problem+json')) return `${statusCode} came as ${type || 'nothing'}`;
  if (method === 'HEAD') return undefined;
  const parsed = problemSchema.safeParse(parseJson(text));
  if (!parsed.success) return `${statusCode} came without a problem: ${text}`;
  return parsed.data.status === statusCode ? undefined : `${statusCode} came with ${parsed.data.status}`;
};

const askWorld = async (world: World, sent: HttpCase, around: Around | undefined): Promise<Answer> => {
  const deps = acceptDepsOf(world, around);
  const toIngestion = findRoute(sent.method, sent.path)?.function === 'ingestion';
  const handler = toHttpHandler(toIngestion ? createSubmitApp(deps) : createReadApp(deps));
  return toAnswer(await world.clock.run(handler(eventOf(sent), contextOf())));
};

const SETTINGS = { index_requests: true, operators: ['*'], longest_poll_seconds: 25 };

/** `around` what the doors ask of the stores: a test breaks something there. */
export const createHttpDoor = (around?: Around): Door<HttpCase> => ({
  arbitrary: fc.oneof(anywhere, atRoutes),
  check: async (sent) => {
    const world = createWorld({ settings: SETTINGS });
    const before = accountsOf(world);
    const answer = await askWorld(world, sent, around);
    const refused = answer.statusCode >= 400 ? changedFault(before, accountsOf(world)) : undefined;
    return (
      problemFault(answer, sent.method) ??
      refused ??
      halfFault(world) ??
      errorFault(world) ??
      pollutionFault()
    );
  },
});
