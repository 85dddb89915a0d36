import { randomUUID } from 'node:crypto';
import type { ServiceError } from './errors.ts';
import type { Response } from './one-port-server.ts';

export function jsonResponse(status: number, value: unknown): Response {
  return {
    status,
    headers: { 'Content-Type': 'application/json', 'x-amzn-RequestId': randomUUID() },
    body: JSON.stringify(value),
  };
}

export function errorResponse({ name, status, message, members }: ServiceError): Response {
  const response = jsonResponse(status, { message, ...members });
  return { ...response, headers: { ...response.headers, 'x-amzn-ErrorType': name } };
}
