/** Set by the connection; a value of the function's own could contradict the body that is sent. */
const connectionHeaders = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

const bodilessStatuses = new Set([204, 205, 304]);

/**
 * What API Gateway makes of a function's return value; undefined when it would answer 500.
 *
 * A value without `statusCode` is a 200 with the value as JSON, a string standing for itself.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html#http-api-develop-integrations-lambda.response
 */
export function toHttpResponse(result: unknown, requestId: string): Response | undefined {
  if (!isRecord(result) || result.statusCode === undefined) return inferResponse(result, requestId);
  const status = toStatus(result.statusCode);
  if (status === undefined) return undefined;
  const body = toBody(result);
  const headers = toHeaders(result, requestId);
  if (body === undefined || headers === undefined) return undefined;
  return new Response(bodilessStatuses.has(status) ? null : body, { status, headers });
}

/** The shape of the answers that API Gateway gives on its own. */
export function gatewayAnswer(status: number, message: string, requestId: string): Response {
  return jsonResponse(JSON.stringify({ message }), status, requestId);
}

function toStatus(value: unknown): number | undefined {
  const isNumber = typeof value === 'number' || (typeof value === 'string' && /^\d{3}$/.test(value));
  const status = Number(value);
  return isNumber && Number.isInteger(status) && status >= 200 && status <= 599 ? status : undefined;
}

function inferResponse(result: unknown, requestId: string): Response {
  const body = typeof result === 'string' ? result : (JSON.stringify(result) ?? 'null');
  return jsonResponse(body, 200, requestId);
}

function jsonResponse(body: string, status: number, requestId: string): Response {
  const headers = { 'content-type': 'application/json', 'apigw-requestid': requestId };
  return new Response(body, { status, headers });
}

function toBody({ body, isBase64Encoded }: Record<string, unknown>): string | Buffer | undefined {
  if (body === undefined || body === null) return '';
  if (typeof body !== 'string') return undefined;
  return isBase64Encoded === true ? Buffer.from(body, 'base64') : body;
}

function toHeaders(result: Record<string, unknown>, requestId: string): Headers | undefined {
  const headers = new Headers({ 'content-type': 'text/plain; charset=utf-8' });
  try {
    for (const [name, value] of Object.entries(isRecord(result.headers) ? result.headers : {})) {
      if (value === null || value === undefined) continue;
      if (typeof value === 'object') return undefined;
      if (!connectionHeaders.has(name.toLowerCase())) headers.set(name, String(value));
    }
    const cookies: unknown[] = Array.isArray(result.cookies) ? result.cookies : [];
    if (cookies.some((cookie) => typeof cookie !== 'string')) return undefined;
    for (const cookie of cookies) headers.append('set-cookie', String(cookie));
  } catch {
    return undefined;
  }
  headers.set('apigw-requestid', requestId);
  return headers;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
