import type { Controls } from '../../contract/controls.ts';
import { EVERYBODY_ELSE, type TenantSettings, tenantSettingsOf } from '../../contract/tenants.ts';
import { weightsSet } from './in-force.ts';

/** The scheduler counts everybody who is not named as one: the weights of those who are stand in proportion to theirs. */
export const weightsOf = (
  settings: { readonly tenants: Readonly<Record<string, TenantSettings>> },
  controls: Controls,
): Record<string, number> => {
  const ofOthers = tenantSettingsOf(settings, EVERYBODY_ELSE).weight;
  const named = Object.entries(settings.tenants)
    .filter(([tenant]) => tenant !== EVERYBODY_ELSE)
    .map(([tenant, { weight }]) => [tenant, weight] as const);
  return Object.fromEntries(
    [...named, ...Object.entries(weightsSet(controls))].map(([tenant, weight]) => [
      tenant,
      weight / ofOthers,
    ]),
  );
};
