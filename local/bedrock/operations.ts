import { toConverseResponse, writeConverseEvents } from './answer/converse-answer.ts';
import { toMessagesResponse, usageHeaders, writeMessagesEvents } from './answer/messages-answer.ts';
import { type Reply, streamReply, wholeReply } from './answer/reply.ts';
import type { InputUse } from './quota/token-rules.ts';
import { type ConverseRequest, type RequestRead, readConverseRequest } from './request/converse-request.ts';
import { readMessagesRequest } from './request/messages-request.ts';
import { jsonResponse } from './wire/http-answers.ts';
import type { Exchange } from './wire/one-port-server.ts';

/** One of the ways to ask a model. All share its quota. */
export interface Operation {
  readonly streams: boolean;
  readonly read: (body: string, exchange: Exchange) => RequestRead;
  readonly reply: (call: ReplyCall) => Reply;
}

export interface ReplyCall {
  readonly exchange: Exchange;
  readonly modelId: string;
  readonly request: ConverseRequest;
  readonly input: InputUse;
}

export const operations: Readonly<Record<string, Operation>> = {
  converse: {
    streams: false,
    read: readConverseRequest,
    reply: ({ exchange, request }) =>
      wholeReply(exchange, (pieces, finish) =>
        jsonResponse(200, toConverseResponse(request, pieces, finish)),
      ),
  },
  'converse-stream': {
    streams: true,
    read: readConverseRequest,
    reply: ({ exchange, request }) => streamReply(exchange, writeConverseEvents(request)),
  },
  invoke: {
    streams: false,
    read: readInvoke,
    reply: ({ exchange, modelId, request }) =>
      wholeReply(exchange, (pieces, finish) =>
        jsonResponse(200, toMessagesResponse(modelId, pieces, finish), {
          ...usageHeaders(finish),
          ...tierHeaders(request),
        }),
      ),
  },
  'invoke-with-response-stream': {
    streams: true,
    read: readInvoke,
    reply: ({ exchange, modelId, input }) => streamReply(exchange, writeMessagesEvents(modelId, input)),
  },
};

const tierHeader = 'x-amzn-bedrock-service-tier';
const performanceHeader = 'x-amzn-bedrock-performanceconfig-latency';

/** What Converse has in its body, InvokeModel has in headers. */
function readInvoke(body: string, exchange: Exchange): RequestRead {
  const read = readMessagesRequest(body);
  if (read.kind === 'error') return read;
  const guardrailIdentifier = exchange.header('x-amzn-bedrock-guardrailidentifier');
  const guardrailVersion = exchange.header('x-amzn-bedrock-guardrailversion');
  const hasGuardrail = guardrailIdentifier !== undefined || guardrailVersion !== undefined;
  return {
    kind: 'request',
    request: {
      ...read.request,
      serviceTier: exchange.header(tierHeader),
      performanceConfig: exchange.header(performanceHeader),
      ...(hasGuardrail ? { guardrailConfig: { guardrailIdentifier, guardrailVersion } } : {}),
    },
  };
}

function tierHeaders({ serviceTier, performanceConfig }: ConverseRequest): Readonly<Record<string, string>> {
  return {
    ...(typeof serviceTier === 'string' ? { [tierHeader]: serviceTier } : {}),
    ...(typeof performanceConfig === 'string' ? { [performanceHeader]: performanceConfig } : {}),
  };
}
