import { z } from 'zod';
import { limit } from './limits.ts';
import type { SettingFault } from './setting-fault.ts';

/** What the name of a tenant may look like. */
export const TENANT_PATTERN = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/;

/** Stands in the settings for every tenant that is not named there. */
export const EVERYBODY_ELSE = '*';

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
