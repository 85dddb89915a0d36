import { DEFAULT_TENANT } from '../../shared/core/validate-envelope.ts';

/** The tenant that a caller's credential proves. Without credentials everybody is the tenant `default`. */
export const tenantOfCaller = (): string => DEFAULT_TENANT;
