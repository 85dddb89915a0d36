import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { describeFailure } from './describe-failure.ts';
import { warn } from './warn.ts';

/** A target of the JSON protocols that no service here answers to. */
export function refuseTarget(response: ServerResponse): void {
  response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': randomUUID() });
  response.end(JSON.stringify({ __type: 'com.amazon.coral.service#UnknownOperationException' }));
}

/** A bug or a broken disk: told as every AWS service tells it, so that clients retry. */
export function sendInternalFailure(response: ServerResponse, error: unknown): void {
  warn(error);
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(500, { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': randomUUID() });
  response.end(JSON.stringify({ __type: 'InternalFailure', message: describeFailure(error) }));
}
