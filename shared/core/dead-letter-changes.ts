import type { HeldRequest } from '../contract/messages.ts';
import type { Fault } from '../contract/problem.ts';
import type { RedriveChanges } from '../contract/redrive.ts';
import type { RequestItem } from '../contract/request-item.ts';
import type { Settings } from '../contract/settings.ts';
import { newDeadlineMs } from './dead-letter.ts';
import { holdRequest } from './hold-request.ts';
import { invokeMaxTokens } from './invoke-max-tokens.ts';
import { validateEnvelope } from './validate-envelope.ts';

export interface Changing {
  /** As it died. */
  readonly held: HeldRequest;
  readonly item: RequestItem;
  readonly set: RedriveChanges;
}

export type Changed =
  | { readonly ok: true; readonly held: HeldRequest }
  | { readonly ok: false; readonly faults: readonly Fault[] };

type Body = Readonly<Record<string, unknown>>;

const withValueAt = (body: Body, [first = '', ...rest]: readonly string[], value: unknown): Body => ({
  ...body,
  [first]: rest.length === 0 ? value : withValueAt(body[first] as Body, rest, value),
});

/** In the words of its family, where it has them; else beside it, as it was sent. */
const invokeModelOf = (body: Body, held: HeldRequest, { max_tokens, temperature }: RedriveChanges): Body => {
  const own = invokeMaxTokens(body);
  const beside = temperature === undefined ? {} : { temperature };
  if (own === undefined) return { invoke_model: body, max_tokens: max_tokens ?? held.max_tokens, ...beside };
  return {
    invoke_model: max_tokens === undefined ? body : withValueAt(body, own.path, max_tokens),
    ...beside,
  };
};

const converseOf = ({ converse }: HeldRequest, { max_tokens, temperature }: RedriveChanges): Body => ({
  converse: {
    ...converse,
    inferenceConfig: {
      ...converse?.inferenceConfig,
      ...(max_tokens === undefined ? {} : { maxTokens: max_tokens }),
      ...(temperature === undefined ? {} : { temperature }),
    },
  },
});

/** What was sent, as it would be sent now. */
const envelopeOf = ({ held, item, set }: Changing): Body => ({
  ...(held.custom_id === null ? {} : { custom_id: held.custom_id }),
  model: set.model ?? held.pool,
  priority: set.priority ?? held.priority,
  metadata: held.metadata,
  expires_in_seconds: set.expires_in_seconds ?? Math.max(1, Math.round(newDeadlineMs(item, 0) / 1000)),
  ...(held.invoke_model === undefined ? converseOf(held, set) : invokeModelOf(held.invoke_model, held, set)),
});

/** A dead request with what is to be other than it was; or all that an accept would find wrong with it. */
export const changeDead = (
  changing: Changing,
  context: { readonly settings: Settings; readonly nowMs: number },
): Changed => {
  const { held, item } = changing;
  const validation = validateEnvelope(envelopeOf(changing), { ...context, provenTenant: held.tenant });
  if (!validation.ok) return validation;
  const accepting = {
    requestId: held.request_id,
    fingerprint: item.fingerprint,
    acceptedAtMs: held.accepted_at_ms,
    ...(held.batch === undefined ? {} : { batch: held.batch }),
    ...(held.correlation_id === undefined ? {} : { correlationId: held.correlation_id }),
  };
  return { ok: true, held: holdRequest(accepting, validation.valid).held };
};
