import { SCOPE_NAMES, type Scope } from '../../contract/api-keys.ts';

/** Who calls, as a credential proves it. */
export interface Caller {
  readonly tenant: string;
  readonly scopes: readonly Scope[];
  /** Of the key that proved it. */
  readonly keyId?: string;
}

/** Without keys nothing narrows what a tenant may do; whether it is an operator, the setting `operators` says. */
export const fullCaller = (tenant: string): Caller => ({ tenant, scopes: SCOPE_NAMES });
