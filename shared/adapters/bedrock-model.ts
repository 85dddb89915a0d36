import type { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime';
import type { ModelRequest } from '../core/model-request.ts';
import type { Answer } from '../core/to-result.ts';
import type { Model, ModelCall } from '../ports/model.ts';
import { converse, converseStreaming, type Sending } from './bedrock-converse.ts';
import { toFault } from './bedrock-faults.ts';
import { invokeModel, invokeModelStreaming } from './bedrock-invoke.ts';

const send = (sending: Sending, request: ModelRequest, streams: boolean): Promise<Answer> => {
  if (request.kind === 'converse')
    return streams ? converseStreaming(sending, request.converse) : converse(sending, request.converse);
  return streams ? invokeModelStreaming(sending, request.body) : invokeModel(sending, request.body);
};

/** Where a model is called: the deployment's own region, and its own address, unless said otherwise. */
export type ModelPlace = Pick<ModelCall, 'region' | 'endpoint'>;

const timeUp = (): Error => {
  const error = new Error('the call took longer than its attempt may');
  error.name = 'TimeoutError';
  return error;
};

/** Ends with its caller's wish, or with its time. */
const abortingBy = ({ signal, untilMs }: ModelCall) => {
  const abort = new AbortController();
  const stop = (): void => abort.abort(signal.reason);
  const timer = setTimeout(() => abort.abort(timeUp()), Math.max(0, untilMs - Date.now()));
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  return {
    abort,
    done: () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    },
  };
};

/**
 * Clients must be made with `maxAttempts: 1`: every retry belongs to the pipeline, which knows the quota.
 */
export const createBedrockModel = (clientFor: (place: ModelPlace) => BedrockRuntimeClient): Model => ({
  call: async (call) => {
    const { abort, done } = abortingBy(call);
    try {
      // Too late already, such as after a pause of the process: then it is not sent at all.
      if (call.untilMs <= Date.now()) throw timeUp();
      const { modelId, request, streams } = call;
      const client = clientFor(call);
      return { kind: 'answered', answer: await send({ client, modelId, abort }, request, streams) };
    } catch (error) {
      // The client says only that it was aborted, not why.
      return { kind: 'fault', fault: toFault(abort.signal.aborted ? (abort.signal.reason ?? error) : error) };
    } finally {
      done();
    }
  },
});
