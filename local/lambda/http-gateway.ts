import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { comesFromForeignPage } from '../foreign-page.ts';
import { distinctHeaders } from './distinct-headers.ts';
import { type BodyRead, readBody } from './http-body.ts';
import { decodePath, toHttpApiEvent } from './http-event.ts';
import { gatewayAnswer, toHttpResponse } from './http-result.ts';
import { type HttpRoute, matchRoute, type RouteMatch } from './http-routes.ts';
import { type HttpExchange, type HttpServer, listenHttp } from './http-server.ts';
import { invokeFunction } from './invoke.ts';
import { fitsPayload, maxPayloadBytes } from './payload-limit.ts';
import { randomHex } from './random-hex.ts';
import { systemTimers, type Timers } from './timers.ts';
import { createTurns, type Turns } from './turns.ts';

export interface HttpFunction {
  readonly handler: (event: APIGatewayProxyEventV2, context: Context) => Promise<unknown>;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  /**
   * Most events in hand at a time; more stand in line, and those whose client has gone leave it. A machine that
   * can not grow as Lambda does would otherwise begin everything and finish nothing. Without it there is no line.
   */
  readonly atOnce?: number;
}

export interface HttpGatewayOptions {
  /** 0 for any free port. */
  readonly port: number;
  readonly routes: readonly HttpRoute[];
  readonly functions: Readonly<Record<string, HttpFunction>>;
  /** Function behind the `$default` route; without one an unknown route is a 404. */
  readonly fallback?: string;
  /**
   * Local pages that API Gateway does not have, tried before all routes. It must leave the body alone unless it
   * answers. close() cuts off what it still streams.
   */
  readonly intercept?: (request: Request) => Promise<Response | undefined>;
  /** Answers in place of the functions what has no function behind API Gateway; it may take as long as it likes. */
  readonly functionUrl?: (exchange: HttpExchange) => Promise<Response> | undefined;
  readonly region?: string;
  readonly accountId?: string;
  readonly onError?: (error: unknown) => void;
  /** Whose pages are let in all the same; `*` for everybody’s. */
  readonly origins?: readonly string[];
  /** Told of each event before it is answered, with what says that its client has gone. */
  readonly onEvent?: (event: APIGatewayProxyEventV2, left: AbortSignal) => void;
}

/**
 * close() finishes the requests that functions are answering and ends every connection. Pages of other sites
 * are refused, which API Gateway does not do: there a signature keeps them out.
 */
export type HttpGateway = HttpServer;

export const defaultRegion = 'us-east-1';
export const defaultAccountId = '000000000000';

/** A hard limit of HTTP APIs: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const integrationTimeoutMs = 30_000;

export async function startHttpGateway(
  options: HttpGatewayOptions,
  timers: Timers = systemTimers,
): Promise<HttpGateway> {
  checkFunctionNames(options);
  const turns = turnsOf(options.functions);
  return listenHttp(options.port, async (exchange) => {
    try {
      const { host: [host] = [], origin: [origin] = [] } = distinctHeaders(exchange.incoming.rawHeaders);
      const isInvited = isOneOf(options.origins ?? [], origin);
      if (comesFromForeignPage({ host, origin: isInvited ? undefined : origin })) {
        return gatewayAnswer(403, 'Forbidden', newRequestId());
      }
      // Pages of other sites are invited to the API, never to what only this machine's people may see.
      const local = isInvited ? undefined : await options.intercept?.(exchange.request);
      if (local !== undefined) return local;
      const streamed = options.functionUrl?.(exchange);
      if (streamed !== undefined) return await streamed;
      return await answer({ ...exchange, options, timers, turns });
    } catch (error) {
      options.onError?.(error);
      return gatewayAnswer(500, 'Internal Server Error', newRequestId());
    }
  });
}

function isOneOf(origins: readonly string[], origin: string | undefined): boolean {
  return origin !== undefined && (origins.includes('*') || origins.includes(origin));
}

function checkFunctionNames({ routes, functions, fallback }: HttpGatewayOptions): void {
  const named = [...routes.map((route) => route.function), ...(fallback === undefined ? [] : [fallback])];
  const unknown = named.filter((name) => !Object.hasOwn(functions, name));
  if (unknown.length === 0) return;
  const known = Object.keys(functions).join(', ');
  throw new RangeError(`routes name the unknown functions ${unknown.join(', ')}; known are ${known}`);
}

type TurnsByFunction = ReadonlyMap<string, Turns>;

function turnsOf(functions: HttpGatewayOptions['functions']): TurnsByFunction {
  return new Map(
    Object.entries(functions).map(([name, { atOnce }]) => [
      name,
      createTurns(atOnce ?? Number.POSITIVE_INFINITY),
    ]),
  );
}

interface Exchange extends HttpExchange {
  readonly turns: TurnsByFunction;
  readonly options: HttpGatewayOptions;
  readonly timers: Timers;
}

async function answer(exchange: Exchange): Promise<Response> {
  const { options, request, incoming } = exchange;
  const requestId = newRequestId();
  const url = new URL(request.url);
  const path = decodePath(url.pathname);
  if (path === undefined) return gatewayAnswer(400, 'Bad Request', requestId);
  const match = findRoute(options, request.method, path);
  if (match === undefined) return gatewayAnswer(404, 'Not Found', requestId);
  const headers = distinctHeaders(incoming.rawHeaders);
  if ((headers.host ?? []).length > 1) return gatewayAnswer(400, 'Bad Request', requestId);
  const body: BodyRead = await readBody(incoming, maxPayloadBytes);
  if (body.kind === 'too_large') return gatewayAnswer(413, 'Request Entity Too Large', requestId);
  if (body.kind === 'broken') return gatewayAnswer(400, 'Bad Request', requestId);

  const event = toHttpApiEvent(
    {
      method: request.method,
      path,
      rawQueryString: url.search.slice(1),
      protocol: `HTTP/${incoming.httpVersion}`,
      headers,
      sourceIp: incoming.socket.remoteAddress ?? '',
      port: incoming.socket.localPort ?? 0,
      body: body.bytes,
    },
    {
      accountId: options.accountId ?? defaultAccountId,
      routeKey: match.routeKey,
      pathParameters: match.pathParameters,
      requestId,
      now: new Date(),
    },
  );
  if (!fitsPayload(event)) return gatewayAnswer(413, 'Request Entity Too Large', requestId);
  exchange.hold();
  options.onEvent?.(event, exchange.left());
  return runFunction(exchange, match.functionName, event);
}

interface FunctionMatch {
  readonly functionName: string;
  readonly routeKey: string;
  readonly pathParameters: RouteMatch['pathParameters'];
}

function findRoute(options: HttpGatewayOptions, method: string, path: string): FunctionMatch | undefined {
  const match = matchRoute(options.routes, method, path);
  if (match !== undefined) {
    const { route, pathParameters } = match;
    return { functionName: route.function, routeKey: `${route.method} ${route.path}`, pathParameters };
  }
  if (options.fallback === undefined) return undefined;
  return { functionName: options.fallback, routeKey: '$default', pathParameters: {} };
}

async function runFunction(
  { options, timers, turns, left, giveUp }: Exchange,
  name: string,
  event: APIGatewayProxyEventV2,
): Promise<Response> {
  const { requestId } = event.requestContext;
  const target = options.functions[name];
  if (target === undefined) throw new RangeError(`unknown function ${name}`);
  const spec = {
    name,
    timeoutSeconds: target.timeoutSeconds,
    memoryMb: target.memoryMb,
    region: options.region ?? defaultRegion,
    accountId: options.accountId ?? defaultAccountId,
  };
  const invocation = inTurn(turns.get(name), left(), () =>
    invokeFunction({ handler: target.handler, event, spec, timers }),
  );
  const outcome = await withinIntegrationTimeout(invocation, timers);
  // Nobody is there to read it.
  if (outcome.kind === 'left') return gatewayAnswer(503, 'Service Unavailable', requestId);
  if (outcome.kind === 'timed_out') {
    giveUp();
    options.onError?.(new Error(`${name} gave no answer in time to ${event.routeKey}`));
    return gatewayAnswer(503, 'Service Unavailable', requestId);
  }
  if (outcome.kind === 'threw') options.onError?.(outcome.error);
  const response =
    outcome.kind === 'returned' && fitsPayload(outcome.value)
      ? toHttpResponse(outcome.value, requestId)
      : undefined;
  return response ?? gatewayAnswer(500, 'Internal Server Error', requestId);
}

async function inTurn<Outcome>(
  turns: Turns | undefined,
  left: AbortSignal,
  invoke: () => Promise<Outcome>,
): Promise<Outcome | { readonly kind: 'left' }> {
  const end = await turns?.take(left);
  if (end === undefined) return { kind: 'left' };
  return invoke().finally(end);
}

/** The function itself goes on, as it does in AWS: only the client is no longer waited for. */
function withinIntegrationTimeout<Outcome>(
  invocation: Promise<Outcome>,
  timers: Timers,
): Promise<Outcome | { readonly kind: 'timed_out' }> {
  return new Promise((resolve) => {
    const cancel = timers.after(integrationTimeoutMs, () => resolve({ kind: 'timed_out' }));
    invocation.then((outcome) => {
      cancel();
      resolve(outcome);
    });
  });
}

/** The form of API Gateway's own, such as JKJaXmPLvHcESHA= */
function newRequestId(): string {
  return Buffer.from(randomHex(22), 'hex').toString('base64');
}
