import type { ConverseRequest } from '../request/converse-request.ts';
import { eventMessage } from '../wire/event-stream.ts';
import { collectBlocks } from './collect-blocks.ts';
import type { Finish, Piece } from './generation.ts';

type Json = Readonly<Record<string, unknown>>;

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html#API_runtime_Converse_ResponseSyntax */
export function toConverseResponse(request: ConverseRequest, pieces: readonly Piece[], finish: Finish): Json {
  const content = collectBlocks(pieces).map((block) => {
    if (block.kind === 'text') return { text: block.text };
    const { toolUseId, name, input } = block;
    return { toolUse: { toolUseId, name, input } };
  });
  return {
    output: { message: { role: 'assistant', content } },
    stopReason: finish.stopReason,
    ...additionalFields(request, finish),
    ...metadataOf(request, finish),
  };
}

/** Events of ConverseStream, written as the pieces come. */
export interface EventWriter {
  /** Before everything else, also of an answer that says nothing. */
  readonly start: () => readonly Uint8Array[];
  readonly piece: (piece: Piece) => readonly Uint8Array[];
  readonly finish: (finish: Finish) => readonly Uint8Array[];
}

export function writeConverseEvents(request: ConverseRequest): EventWriter {
  let contentBlockIndex = 0;
  const event = (piece: Piece): Uint8Array => {
    switch (piece.kind) {
      case 'text':
        return eventMessage('contentBlockDelta', { contentBlockIndex, delta: { text: piece.text } });
      case 'tool': {
        const { toolUseId, name } = piece;
        return eventMessage('contentBlockStart', {
          contentBlockIndex,
          start: { toolUse: { toolUseId, name } },
        });
      }
      case 'tool_input':
        return eventMessage('contentBlockDelta', {
          contentBlockIndex,
          delta: { toolUse: { input: piece.json } },
        });
      case 'block_end':
        contentBlockIndex += 1;
        return eventMessage('contentBlockStop', { contentBlockIndex: contentBlockIndex - 1 });
    }
  };
  return {
    start: () => [eventMessage('messageStart', { role: 'assistant' })],
    piece: (piece) => [event(piece)],
    finish: (finish) => [
      eventMessage('messageStop', { stopReason: finish.stopReason, ...additionalFields(request, finish) }),
      eventMessage('metadata', metadataOf(request, finish)),
    ],
  };
}

function metadataOf({ serviceTier, performanceConfig }: ConverseRequest, finish: Finish): Json {
  const { input, outputTokens, latencyMs } = finish;
  const { inputTokens, cacheReadInputTokens, cacheWriteInputTokens } = input;
  return {
    usage: {
      ...input,
      outputTokens,
      totalTokens: inputTokens + cacheReadInputTokens + cacheWriteInputTokens + outputTokens,
    },
    metrics: { latencyMs },
    serviceTier,
    performanceConfig,
  };
}

/** Of the model's own answer there is only the stop sequence to ask for. */
function additionalFields(
  { additionalModelResponseFieldPaths: paths }: ConverseRequest,
  finish: Finish,
): Json {
  if (!Array.isArray(paths) || !paths.includes('/stop_sequence')) return {};
  return { additionalModelResponseFields: { stop_sequence: finish.stopSequence ?? null } };
}
