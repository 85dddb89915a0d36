import { createHash } from 'node:crypto';
import type { HeldRequest } from '../contract/messages.ts';
import type { Result } from '../contract/request.ts';
import type { TenantSettings } from '../contract/tenants.ts';
import { canonical } from './canonical.ts';
import type { Answer } from './to-result.ts';

/** Under which answers to the same question are found, and how old they may be. */
export type Repeatable = NonNullable<HeldRequest['repeat']>;

interface Question {
  readonly tenant: string;
  readonly modelId: string;
  readonly asked: Pick<HeldRequest, 'converse' | 'invoke_model'>;
}

/** All of the question, and whose it is: nobody is ever given an answer to somebody else's. */
const keyOf = ({ tenant, modelId, asked }: Question): string =>
  createHash('sha256')
    .update(JSON.stringify(canonical([tenant, modelId, asked])))
    .digest('base64url');

/** What a request asks for, as far as its tenant has it turned on. */
export const repeatOf = (
  question: Question,
  { cache_seconds: allowed }: Pick<TenantSettings, 'cache_seconds'>,
  wanted: number | undefined,
): Repeatable | undefined => {
  const seconds = Math.min(allowed ?? 0, wanted ?? allowed ?? 0);
  return seconds > 0 ? { key: keyOf(question), seconds } : undefined;
};

/** Where an answer came from that nobody was asked for again. */
export type Repeated = NonNullable<Result['repeated']>;

const NO_USAGE = { input_tokens: 0, output_tokens: 0, cache_read_tokens: 0, cache_write_tokens: 0 };

export const withoutUsage = (answer: Answer): Answer => ({ ...answer, usage: NO_USAGE });

/** What a stored result answered; nothing where it has no answer, or is too old. */
export const answerOf = (
  result: Result | undefined,
  { seconds }: Repeatable,
  nowMs: number,
): { readonly answer: Answer; readonly repeated: Repeated } | undefined => {
  if (result?.status !== 'succeeded' || result.usage === null || result.stop_reason === null)
    return undefined;
  if (Date.parse(result.finished_at) + seconds * 1000 < nowMs) return undefined;
  return {
    answer: {
      content: result.content,
      output: result.output,
      stopReason: result.stop_reason,
      usage: NO_USAGE,
    },
    repeated: { how: 'cache', request_id: result.request_id, answered_at: result.finished_at },
  };
};
