import { randomUUID } from 'node:crypto';
import type { ServiceError } from '../faults/errors.ts';
import type { Response } from './one-port-server.ts';

export function jsonResponse(
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return {
    status,
    headers: { 'Content-Type': 'application/json', 'x-amzn-RequestId': randomUUID(), ...headers },
    body: JSON.stringify(value),
  };
}

export function errorResponse({ name, status, message, members }: ServiceError): Response {
  return jsonResponse(status, { message, ...members }, { 'x-amzn-ErrorType': name });
}
