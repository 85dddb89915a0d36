import type { BatchMember } from '../contract/batch-item.ts';
import type { Envelope } from '../contract/envelope.ts';
import type { HeldRequest } from '../contract/messages.ts';
import type { RequestItem } from '../contract/request-item.ts';
import { estimateBodyTokens, estimateInputTokens } from './estimate-tokens.ts';
import { repeatOf } from './repeats.ts';
import { toConverse } from './to-converse.ts';
import type { ValidEnvelope } from './validate-envelope.ts';

export interface NewRequest {
  readonly item: RequestItem;
  readonly held: HeldRequest;
}

export interface Accepting {
  readonly requestId: string;
  readonly fingerprint: string;
  readonly acceptedAtMs: number;
  readonly batch?: BatchMember;
  readonly correlationId?: string;
}

type Asked = Pick<HeldRequest, 'converse' | 'invoke_model'>;

/** A body of InvokeModel goes as it came: nobody else knows its words. */
const askedOf = (envelope: Envelope, maxTokens: number): Asked =>
  envelope.invoke_model === undefined
    ? { converse: toConverse(envelope, maxTokens) }
    : { invoke_model: envelope.invoke_model };

const estimateTokens = ({ converse, invoke_model }: Asked, modelId: string): number =>
  converse === undefined ? estimateBodyTokens(invoke_model, modelId) : estimateInputTokens(converse, modelId);

/** The state item and the lane message of a request that is about to be accepted. */
export const holdRequest = (accepting: Accepting, valid: ValidEnvelope): NewRequest => {
  const { requestId, fingerprint, acceptedAtMs, correlationId } = accepting;
  const { envelope, tenant, tenantAsserted, pool, maxTokens, expiresAtMs, notBeforeMs } = valid;
  const asked = askedOf(envelope, maxTokens);
  const repeat = repeatOf(
    { tenant, modelId: pool.pool.model_id, asked },
    valid.tenantSettings,
    envelope.cache_seconds,
  );
  const customId = envelope.custom_id ?? null;
  const batch = accepting.batch === undefined ? {} : { batch: accepting.batch };
  return {
    item: {
      requestId,
      customId,
      tenant,
      ...(tenantAsserted === undefined ? {} : { tenantAsserted }),
      pool: pool.name,
      priority: envelope.priority,
      status: 'queued',
      fingerprint,
      acceptedAtMs,
      expiresAtMs,
      ...(notBeforeMs === undefined ? {} : { notBeforeMs }),
      ...batch,
      ...(envelope.callback_url === undefined ? {} : { callbackUrl: envelope.callback_url }),
      claims: 0,
      attempts: 0,
      serviceFaults: 0,
      crashes: 0,
      suspectCrashes: 0,
      attemptLog: [],
    },
    held: {
      request_id: requestId,
      custom_id: customId,
      tenant,
      ...(tenantAsserted === undefined ? {} : { tenant_asserted: tenantAsserted }),
      pool: pool.name,
      priority: envelope.priority,
      accepted_at_ms: acceptedAtMs,
      expires_at_ms: expiresAtMs,
      ...(notBeforeMs === undefined ? {} : { not_before_ms: notBeforeMs }),
      ...(correlationId === undefined ? {} : { correlation_id: correlationId }),
      ...batch,
      ...(envelope.callback_url === undefined ? {} : { callback_url: envelope.callback_url }),
      max_tokens: maxTokens,
      input_tokens_estimate: estimateTokens(asked, pool.pool.model_id),
      ...asked,
      ...(repeat === undefined ? {} : { repeat }),
      metadata: envelope.metadata ?? {},
    },
  };
};

/** What the state item alone knows of an accepted request. */
export const heldWithoutText = (item: RequestItem): HeldRequest => ({
  request_id: item.requestId,
  custom_id: item.customId,
  tenant: item.tenant,
  ...(item.tenantAsserted === undefined ? {} : { tenant_asserted: item.tenantAsserted }),
  pool: item.pool,
  priority: item.priority,
  accepted_at_ms: item.acceptedAtMs,
  expires_at_ms: item.expiresAtMs,
  ...(item.batch === undefined ? {} : { batch: item.batch }),
  ...(item.callbackUrl === undefined ? {} : { callback_url: item.callbackUrl }),
  ...(item.generation === undefined ? {} : { generation: item.generation }),
  ...(item.reopenedAtMs === undefined ? {} : { reopened_at_ms: item.reopenedAtMs }),
  ...(item.textId === undefined ? {} : { text_id: item.textId }),
  max_tokens: 0,
  input_tokens_estimate: 0,
  metadata: {},
});
