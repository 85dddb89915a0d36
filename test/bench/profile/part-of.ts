/** A function of a profile, as V8 tells of it. */
export interface Frame {
  readonly functionName: string;
  /** Empty for what is V8's own, and for what it calls of Node's. */
  readonly url: string;
}

export const WAITING = 'waiting';

const AWS = /node_modules\/@(aws-sdk|smithy|aws-crypto)\//;

/** The first that fits. Natives have names only: those of sockets, then of all others. */
const PARTS: readonly (readonly [string, (frame: Frame) => boolean])[] = [
  [WAITING, ({ functionName }) => functionName === '(idle)'],
  ['garbage collector', ({ functionName }) => functionName === '(garbage collector)'],
  [
    'the bench itself',
    ({ url }) => /\/test\//.test(url) || /node_modules\/(tsx|esbuild|get-tsconfig)\//.test(url),
  ],
  [
    'signing',
    ({ url }) =>
      /^node:(internal\/)?crypto/.test(url) || /signature-v4|httpAuthSchemes|sign-request/.test(url),
  ],
  [
    'SDK: serialization',
    ({ url }) => AWS.test(url) && /(schema|protocols|serde|cbor|dynamodb|xml)/.test(url),
  ],
  ['SDK: HTTP handler', ({ url }) => AWS.test(url) && /node-http-handler/.test(url)],
  ['SDK: chains, retries, endpoints', ({ url }) => AWS.test(url)],
  ['hono, zod, powertools', ({ url }) => /node_modules\//.test(url)],
  ['doors and functions', ({ url }) => /\/functions\//.test(url)],
  ['flows', ({ url }) => /\/shared\/flows\//.test(url)],
  ['core and contract', ({ url }) => /\/shared\/(core|contract)\//.test(url)],
  ['adapters', ({ url }) => /\/shared\/adapters\//.test(url)],
  ['local gateway and mappings', ({ url }) => /\/local\//.test(url)],
  [
    'Node: fetch, web streams, aborts',
    ({ url }) =>
      /^node:internal\/(deps\/undici|webstreams|fetch|abort_controller|event_target|url|per_context|worker|encoding|blob)/.test(
        url,
      ),
  ],
  [
    'Node: HTTP, sockets, streams',
    ({ url, functionName }) =>
      /^node:(_http|net|events|http|internal\/(streams|stream_base|net|http|dgram|dns)|_stream|buffer|internal\/buffer)/.test(
        url,
      ) || /^(writev|write[A-Z].*|readStart|shutdown|connect|parse|execute|consume|free)$/.test(functionName),
  ],
  [
    'Node: timers, promises',
    ({ url }) => /^node:(internal\/)?(timers|process|async_hooks|util|validators)/.test(url),
  ],
  ['Node: other', ({ url }) => url.startsWith('node:')],
];

/** Which line of the table a function belongs to. */
export const partOf = (frame: Frame): string =>
  PARTS.find(([, fits]) => fits(frame))?.[0] ?? 'V8 and natives';
