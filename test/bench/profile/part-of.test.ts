import { partOf } from './part-of.ts';

const SDK = '/app/node_modules/@smithy';

describe('a function of a profile', () => {
  it.each([
    ['', '(idle)', 'waiting'],
    ['', '(garbage collector)', 'garbage collector'],
    ['', 'writev', 'Node: HTTP, sockets, streams'],
    ['', 'writeUtf8String', 'Node: HTTP, sockets, streams'],
    ['', 'runMicrotasks', 'V8 and natives'],
    ['node:_http_client', 'ClientRequest', 'Node: HTTP, sockets, streams'],
    ['node:internal/crypto/hash', 'update', 'signing'],
    ['node:internal/deps/undici/undici', 'Request', 'Node: fetch, web streams, aborts'],
    [`${SDK}/signature-v4/dist-cjs/index.js`, 'sign', 'signing'],
    [`${SDK}/core/dist-cjs/submodules/schema/index.js`, 'of', 'SDK: serialization'],
    [`${SDK}/core/dist-cjs/submodules/retry/index.js`, '', 'SDK: chains, retries, endpoints'],
    [`${SDK}/node-http-handler/dist-cjs/index.js`, 'handle', 'SDK: HTTP handler'],
    ['file:///app/node_modules/hono/dist/compose.js', 'dispatch', 'hono, zod, powertools'],
    ['file:///app/functions/ingestion/handler.ts', 'handler', 'doors and functions'],
    ['file:///app/shared/flows/drain/dispatch.ts', 'step', 'flows'],
    ['file:///app/shared/core/cost.ts', 'cost', 'core and contract'],
    ['file:///app/shared/adapters/sign-request.ts', 'sign', 'signing'],
    ['file:///app/shared/adapters/sqs-queues.ts', 'send', 'adapters'],
    ['file:///app/local/lambda/invoke.ts', 'invokeFunction', 'local gateway and mappings'],
    ['file:///app/test/bench/pipeline.ts', 'measure', 'the bench itself'],
  ])('at %p %p belongs to %s', (url, functionName, part) => {
    expect(partOf({ url, functionName })).toBe(part);
  });
});
