import type { ModelRequest } from '../../shared/core/model-request.ts';
import type { Model, ModelReply } from '../../shared/ports/model.ts';
import type { VirtualClock } from './virtual-clock.ts';

export interface ScriptedCall {
  /** Text of the last message: what tells the requests of a test apart. */
  readonly prompt: string;
  readonly modelId: string;
  readonly region: string | undefined;
  readonly request: ModelRequest;
  readonly streams: boolean;
  readonly timeoutMs: number;
  readonly startedAtMs: number;
  endedAtMs: number | undefined;
}

export type Script = (call: ScriptedCall, callsBefore: number) => ModelReply | undefined;

export interface ScriptedModel extends Model {
  readonly calls: readonly ScriptedCall[];
  prompts(): readonly string[];
  /** Prompts that had two calls under way at once. */
  overlapping(): readonly string[];
}

export interface ScriptedModelOptions {
  /** What a call gets; nothing stands for an answer. `callsBefore` counts the earlier calls of the same prompt. */
  readonly script?: Script;
  readonly latencyMs?: (prompt: string) => number;
}

const promptOf = (request: ModelRequest): string => {
  if (request.kind === 'invoke_model') return String(request.body.prompt ?? '');
  const text = request.converse.messages.at(-1)?.content.at(-1)?.text;
  return typeof text === 'string' ? text : '';
};

export const answerTo = (prompt: string): ModelReply => ({
  kind: 'answered',
  answer: {
    content: `answer to ${prompt}`,
    output: { message: { role: 'assistant', content: [{ text: `answer to ${prompt}` }] } },
    stopReason: 'end_turn',
    usage: { input_tokens: 10, output_tokens: 20, cache_read_tokens: 0, cache_write_tokens: 0 },
  },
});

export const faultOf = (name: string, status: number | undefined, message = name): ModelReply => ({
  kind: 'fault',
  fault: { name, status, message },
});

export const throttle = faultOf('ThrottlingException', 429, 'Too many tokens, please wait');
export const serviceFault = faultOf('InternalServerException', 500);
export const rejection = faultOf('ValidationException', 400, 'The value at temperature is not allowed');

export const createScriptedModel = (
  clock: VirtualClock,
  { script = () => undefined, latencyMs = () => 1000 }: ScriptedModelOptions = {},
): ScriptedModel => {
  const calls: ScriptedCall[] = [];
  const prompts = (): readonly string[] => calls.map(({ prompt }) => prompt);
  return {
    calls,
    prompts,
    call: async ({ modelId, region, request, streams, untilMs, signal }) => {
      const prompt = promptOf(request);
      const timeoutMs = untilMs - clock.nowMs();
      // Too late, and so not sent.
      if (timeoutMs <= 0) return faultOf('TimeoutError', undefined);
      if (signal.aborted) return faultOf('AbortError', undefined);
      const startedAtMs = clock.monotonicMs();
      const call: ScriptedCall = {
        prompt,
        modelId,
        region,
        request,
        streams,
        timeoutMs,
        startedAtMs,
        endedAtMs: undefined,
      };
      const callsBefore = prompts().filter((earlier) => earlier === prompt).length;
      calls.push(call);
      const takesMs = latencyMs(prompt);
      await clock.sleep(Math.min(takesMs, timeoutMs), signal);
      call.endedAtMs = clock.monotonicMs();
      if (signal.aborted) return faultOf('AbortError', undefined);
      if (takesMs > timeoutMs) return faultOf('TimeoutError', undefined);
      return script(call, callsBefore) ?? answerTo(prompt);
    },
    overlapping: () =>
      calls
        .filter((call, index) =>
          calls.some(
            (earlier, before) =>
              before < index &&
              earlier.prompt === call.prompt &&
              call.startedAtMs < (earlier.endedAtMs ?? Number.POSITIVE_INFINITY),
          ),
        )
        .map(({ prompt }) => prompt),
  };
};
