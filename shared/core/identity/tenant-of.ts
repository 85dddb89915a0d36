import type { TenantSettings } from '../../contract/tenants.ts';

type Tenants = Readonly<Record<string, TenantSettings>>;
type List = 'principals' | 'senders';

/** Stands for everybody who is not named. */
const ANYBODY = '*';

/** Whether the settings say who is which tenant: then whoever they do not name is nobody's. */
export const namesAny = (tenants: Tenants, list: List): boolean =>
  Object.values(tenants).some((tenant) => (tenant[list] ?? []).length > 0);

const ASSUMED = /^arn:([^:]+):sts::(\d+):assumed-role\/([^/]+)\/[^/]+$/;

/** Sessions of a role have names of their own: their role is meant. IAM leaves a role's path out of them. */
export const namesOfArn = (arn: string): readonly string[] => {
  const [, partition, account, role] = ASSUMED.exec(arn) ?? [];
  return role === undefined ? [arn] : [arn, `arn:${partition}:iam::${account}:role/${role}`];
};

/** The tenant that names whoever has these names; the first of them that is named anywhere decides. */
const tenantOfNames = (tenants: Tenants, list: List, names: readonly string[]): string | undefined => {
  for (const name of [...names, ANYBODY]) {
    const found = Object.entries(tenants).find(([, settings]) => settings[list]?.includes(name) === true);
    if (found !== undefined) return found[0];
  }
  return undefined;
};

const accountOf = (arn: string): readonly string[] => {
  const [, , , , account = ''] = arn.split(':');
  return account === '' ? [] : [account];
};

export const tenantOfArn = (tenants: Tenants, arn: string): string | undefined =>
  tenantOfNames(tenants, 'principals', [...namesOfArn(arn), ...accountOf(arn)]);

/** SQS tells of a role also its session: `AROAEXAMPLEID:session`. */
export const tenantOfSender = (tenants: Tenants, senderId: string): string | undefined =>
  tenantOfNames(tenants, 'senders', senderId === '' ? [] : [senderId.split(':')[0] ?? '']);
