import { isUtf8 } from 'node:buffer';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { randomHex } from './random-hex.ts';

export interface HttpRequestFacts {
  readonly method: string;
  /** Decoded: see decodePath. */
  readonly path: string;
  readonly rawQueryString: string;
  readonly protocol: string;
  /** Names in lower case, values in the order they came. */
  readonly headers: Readonly<Record<string, readonly string[] | undefined>>;
  readonly sourceIp: string;
  readonly port: number;
  readonly body: Buffer;
}

export interface EventTarget {
  readonly accountId: string;
  readonly routeKey: string;
  readonly pathParameters: Readonly<Record<string, string>>;
  readonly requestId: string;
  readonly now: Date;
}

/** Belong to one connection, not to the request. */
const hopByHopHeaders = new Set([
  'connection',
  'expect',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

const apiId = 'local';

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html */
export function toHttpApiEvent(request: HttpRequestFacts, target: EventTarget): APIGatewayProxyEventV2 {
  const cookies = (request.headers.cookie ?? []).flatMap((line) => line.split(/;\s*/)).filter(Boolean);
  const query = joinQuery(request.rawQueryString);
  const domainName = hostName(request.headers.host?.[0]);
  return {
    version: '2.0',
    routeKey: target.routeKey,
    rawPath: request.path,
    rawQueryString: request.rawQueryString,
    ...(cookies.length > 0 ? { cookies } : {}),
    headers: toEventHeaders(request),
    ...(Object.keys(query).length > 0 ? { queryStringParameters: query } : {}),
    requestContext: {
      accountId: target.accountId,
      apiId,
      domainName,
      domainPrefix: domainName.split('.')[0] ?? '',
      http: {
        method: request.method,
        path: request.path,
        protocol: request.protocol,
        sourceIp: request.sourceIp,
        userAgent: request.headers['user-agent']?.[0] ?? '',
      },
      requestId: target.requestId,
      routeKey: target.routeKey,
      stage: '$default',
      time: toClfTime(target.now),
      timeEpoch: target.now.getTime(),
    },
    ...(Object.keys(target.pathParameters).length > 0
      ? { pathParameters: { ...target.pathParameters } }
      : {}),
    ...toEventBody(request),
  };
}

/**
 * HTTP APIs hand on the path decoded, even in `rawPath`, so `%2F` becomes a separator; a decoded "?" ends it.
 * Lambda function URLs and REST APIs do not. Undefined for a malformed escape, which is a 400.
 * https://github.com/middleapi/standard-server/pull/93
 */
export function decodePath(path: string): string | undefined {
  try {
    return decodeURIComponent(path).replace(/\?.*$/s, '');
  } catch {
    return undefined;
  }
}

function toEventHeaders(request: HttpRequestFacts): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, values] of Object.entries(request.headers)) {
    if (values === undefined || hopByHopHeaders.has(name) || name === 'cookie') continue;
    headers[name] = values.join(',');
  }
  if (request.body.length > 0) headers['content-length'] = String(request.body.length);
  const forwardedFor = headers['x-forwarded-for'];
  headers['x-forwarded-for'] =
    forwardedFor === undefined ? request.sourceIp : `${forwardedFor}, ${request.sourceIp}`;
  headers['x-forwarded-port'] = String(request.port);
  headers['x-forwarded-proto'] = 'http';
  headers['x-amzn-trace-id'] ??= traceId();
  return headers;
}

function traceId(): string {
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  return `Root=1-${seconds}-${randomHex(24)}`;
}

function joinQuery(rawQueryString: string): Record<string, string> {
  const joined = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(rawQueryString)) {
    const earlier = joined.get(name);
    joined.set(name, earlier === undefined ? value : `${earlier},${value}`);
  }
  return Object.fromEntries(joined);
}

/**
 * Text only for these types; all others are base64, also forms, `+json` types and a missing type, as measured
 * against the service: https://github.com/ministackorg/ministack/pull/766. Bytes that are not UTF-8 become base64
 * too, so that nothing is lost; what the service does with those is not documented.
 */
const textTypes = /^(text\/[^;\s]+|application\/(json|xml|javascript))\s*(;|$)/i;

function toEventBody({ headers, body }: HttpRequestFacts): { body?: string; isBase64Encoded: boolean } {
  if (body.length === 0) return { isBase64Encoded: false };
  if (textTypes.test(headers['content-type']?.[0] ?? '') && isUtf8(body)) {
    return { body: body.toString('utf8'), isBase64Encoded: false };
  }
  return { body: body.toString('base64'), isBase64Encoded: true };
}

function hostName(host = 'localhost'): string {
  return host.replace(/:\d+$/, '');
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** 12/Mar/2026:19:03:58 +0000 */
function toClfTime(now: Date): string {
  const day = String(now.getUTCDate()).padStart(2, '0');
  const time = now.toISOString().slice(11, 19);
  return `${day}/${months[now.getUTCMonth()]}/${now.getUTCFullYear()}:${time} +0000`;
}
