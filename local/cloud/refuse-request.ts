import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { escapeXml } from './escape-xml.ts';

/** A target of the JSON protocols that no service here answers to. */
export function refuseTarget(response: ServerResponse): void {
  response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': randomUUID() });
  response.end(JSON.stringify({ __type: 'com.amazon.coral.service#UnknownOperationException' }));
}

/** The query protocol: a form with an Action. None is served. */
export function refuseQueryAction(body: Buffer, response: ServerResponse): void {
  const action = new URLSearchParams(body.toString()).get('Action') ?? '';
  const requestId = randomUUID();
  response.writeHead(400, { 'content-type': 'text/xml', 'x-amzn-requestid': requestId });
  response.end(
    `<ErrorResponse><Error><Type>Sender</Type><Code>InvalidAction</Code>` +
      `<Message>${escapeXml(`The action "${action}" is not supported by this local cloud.`)}</Message></Error>` +
      `<RequestId>${requestId}</RequestId></ErrorResponse>`,
  );
}

/** A bug or a broken disk: told as every AWS service tells it, so that clients retry. */
export function sendInternalFailure(response: ServerResponse, error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error));
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(500, { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': randomUUID() });
  response.end(
    JSON.stringify({ __type: 'InternalFailure', message: 'The local cloud failed to handle this request.' }),
  );
}
