import { serviceError, unknownModel } from './faults/errors.ts';
import { maxBodyBytes } from './handle-call.ts';
import {
  type Block,
  isObject,
  parseJson,
  type RequestRead,
  readConverseRequest,
} from './request/converse-request.ts';
import { inputTokensOf } from './request/count-tokens.ts';
import { readMessagesRequest } from './request/messages-request.ts';
import { findRequestFault } from './request/validate-request.ts';
import type { Service } from './service.ts';
import { calledRegion } from './wire/called-region.ts';
import { errorResponse, jsonResponse } from './wire/http-answers.ts';
import type { Exchange } from './wire/one-port-server.ts';

/** Costs nothing and counts as no call: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_CountTokens.html */
export async function handleCountTokens(
  service: Service,
  modelId: string,
  exchange: Exchange,
): Promise<void> {
  const body = await exchange.readBody(maxBodyBytes);
  if (body.kind === 'cut_off') return;
  const read = readInput(body.kind === 'whole' ? parseJson(body.text) : undefined);
  if (read.kind === 'error') return exchange.respond(errorResponse(read.error));
  const model = service.models.find(modelId, calledRegion(exchange));
  if (model === undefined) return exchange.respond(errorResponse(unknownModel));
  const fault = findRequestFault(read.request, model.settings().maxOutputTokens);
  if (fault !== undefined) return exchange.respond(errorResponse(fault));
  exchange.respond(jsonResponse(200, { inputTokens: inputTokensOf(read.request) }));
}

function readInput(body: unknown): RequestRead {
  const input: Block = isObject(body) && isObject(body.input) ? body.input : {};
  if (isObject(input.converse)) return readConverseRequest(JSON.stringify(input.converse));
  const encoded: unknown = isObject(input.invokeModel) ? input.invokeModel.body : undefined;
  if (typeof encoded === 'string') return readMessagesRequest(Buffer.from(encoded, 'base64').toString());
  const message = 'The input must set one of the following keys: converse, invokeModel.';
  return { kind: 'error', error: serviceError('ValidationException', message) };
}
