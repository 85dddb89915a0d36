import { z } from 'zod';
import { limit } from './limits.ts';
import type { SettingFault } from './setting-fault.ts';
import { tenantLimitFields } from './tenant-limits.ts';

/** What the name of a tenant may look like. */
export const TENANT_PATTERN = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/;

/** Of whoever shows no credential, where none is asked for. */
export const DEFAULT_TENANT = 'default';

/** Stands in the settings for every tenant that is not named there. */
export const EVERYBODY_ELSE = '*';

const PRINCIPAL = /^(\*|\d{12}|arn:[^:]+:(iam|sts)::\d{12}:[\w+=,.@/-]+)$/;
/** As SQS names a sender: the id that IAM made up for a user or a role, without the name of a session. */
const SENDER = /^(\*|\d{12}|A[A-Z0-9]{11,127})$/;

export const tenantSchema = z.strictObject({
  weight: z
    .number()
    .min(0.01)
    .max(100)
    .default(1)
    .meta({ description: 'Its share of a class’s tokens, against the weights of the others that wait.' }),
  max_waiting: z.number().int().min(1).max(10_000_000).default(100_000).meta({
    description:
      'Most unfinished requests in a pool: above it HTTP answers 429, and what comes by the queue waits in bulk.',
  }),
  ...tenantLimitFields,
  cache_seconds: z.number().int().min(1).max(limit('cache_seconds')).optional().meta({
    description:
      'The same question may be given an answer again that is at most so old, without a call; identical requests under way share one.',
  }),
  principals: z
    .array(
      z.string().regex(PRINCIPAL, 'must be the ARN of a user or a role, an account of 12 digits, or `*`'),
    )
    .max(50)
    .optional()
    .meta({
      description:
        'Who is this tenant over HTTP, where calls are signed: ARNs of users and roles, accounts, or `*` for all others. Once any tenant names some, whoever is named nowhere is refused.',
    }),
  senders: z
    .array(
      z
        .string()
        .regex(SENDER, 'must be the id of a user or a role such as AROAEXAMPLEID, an account, or `*`'),
    )
    .max(50)
    .optional()
    .meta({
      description:
        'Who is this tenant on the input queue: unique ids of users (`AIDA…`) and roles (`AROA…`) as SQS tells them, or `*` for all others. Once any tenant names some, the sender decides, and no longer what a message says.',
    }),
});

export type TenantSettings = z.infer<typeof tenantSchema>;

const WITH_DEFAULTS = tenantSchema.parse({});

/** The settings of one tenant: its own, those of everybody else, or the defaults. */
export const tenantSettingsOf = (
  { tenants }: { readonly tenants: Readonly<Record<string, TenantSettings>> },
  tenant: string,
): TenantSettings => {
  // A tenant may be called `constructor`.
  const named = (name: string): TenantSettings | undefined =>
    Object.hasOwn(tenants, name) ? tenants[name] : undefined;
  return named(tenant) ?? named(EVERYBODY_ELSE) ?? WITH_DEFAULTS;
};

export const tenantNameFaults = (name: string): SettingFault[] =>
  name === EVERYBODY_ELSE || (TENANT_PATTERN.test(name) && name.length <= limit('tenant_characters'))
    ? []
    : [
        {
          setting: `tenants.${name}`,
          detail: `must be \`*\` (everybody else), or 1-${limit('tenant_characters')} letters, digits, \`_\`, \`.\` and \`-\` that begin with a letter or digit`,
        },
      ];

const LISTS = ['principals', 'senders'] as const;

/** Somebody who would be two tenants, or none. */
export const identityFaults = (tenants: Readonly<Record<string, unknown>>): SettingFault[] =>
  LISTS.flatMap((list): SettingFault[] => {
    const seen = new Map<unknown, string>();
    return Object.entries(tenants).flatMap(([tenant, settings]) => {
      const names: unknown = (settings as Partial<Record<string, unknown>> | null)?.[list];
      if (tenant === EVERYBODY_ELSE && names !== undefined)
        return [
          {
            setting: `tenants.${tenant}.${list}`,
            detail: 'means nothing: name a tenant, to whom they belong',
          },
        ];
      return (Array.isArray(names) ? [...new Set<unknown>(names)] : []).flatMap((name): SettingFault[] => {
        const other = seen.get(name);
        if (other === undefined) seen.set(name, tenant);
        const detail = `names \`${String(name)}\`, which \`${other}\` names too: nobody can be two tenants`;
        return other === undefined ? [] : [{ setting: `tenants.${tenant}.${list}`, detail }];
      });
    });
  });
