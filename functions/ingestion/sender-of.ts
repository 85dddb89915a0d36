import type { SQSRecord } from 'aws-lambda';
import { createProblem, type Problem } from '../../shared/contract/problem.ts';
import type { Settings } from '../../shared/contract/settings.ts';
import { namesAny, tenantOfSender } from '../../shared/core/identity/tenant-of.ts';

export type Sender =
  /** The settings name no senders: what the message says goes. */
  | { readonly kind: 'unnamed' }
  | { readonly kind: 'tenant'; readonly tenant: string }
  | { readonly kind: 'unknown'; readonly problem: Problem };

/** Whose message it is by who sent it; SQS has checked that, the message can not claim it. */
export const senderOf = ({ attributes }: SQSRecord, { tenants }: Pick<Settings, 'tenants'>): Sender => {
  if (!namesAny(tenants, 'senders')) return { kind: 'unnamed' };
  const { SenderId: senderId = '' } = attributes as Partial<SQSRecord['attributes']>;
  const tenant = tenantOfSender(tenants, senderId);
  if (tenant !== undefined) return { kind: 'tenant', tenant };
  const detail = `The sender ${senderId} is in \`senders\` of no tenant; nothing was accepted.`;
  return { kind: 'unknown', problem: createProblem('unknown_tenant', { detail }) };
};
