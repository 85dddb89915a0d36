import { UserError } from '../../local/user-error.ts';
import { type RedriveOrder, redriveChangesSchema } from '../../shared/contract/redrive.ts';

export interface FilterOptions {
  readonly reason?: string;
  readonly model?: string;
  readonly tenant?: string;
  readonly olderThan?: number;
  readonly youngerThan?: number;
}

export interface RedriveOptions extends FilterOptions {
  readonly all?: true;
  readonly set: Readonly<Record<string, unknown>>;
  readonly to?: string;
  readonly why: string;
  readonly dryRun?: true;
  readonly perSecond?: number;
}

const withoutUnset = <T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;

export const toFilter = ({ reason, model, tenant, olderThan, youngerThan }: FilterOptions) =>
  withoutUnset({
    reason,
    model,
    tenant,
    older_than_seconds: olderThan,
    younger_than_seconds: youngerThan,
  });

const SETTABLE = Object.keys(redriveChangesSchema.shape);

/** `NAME=VALUE`; what is a number is sent as one. Whether the value may be so, the API says. */
export const parseChange = (
  text: string,
  before: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> => {
  const [name = '', ...rest] = text.split('=');
  const value = rest.join('=');
  if (!SETTABLE.includes(name) || value === '')
    throw new UserError(`--set takes NAME=VALUE with one of ${SETTABLE.join(', ')}, not "${text}".`);
  return { ...before, [name]: /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value };
};

/** What the API is asked for; everything only when that was said. */
export const toOrder = (ids: readonly string[], options: RedriveOptions): Partial<RedriveOrder> => {
  const filter = toFilter(options);
  const isLimited = ids.length > 0 || Object.keys(filter).length > 0;
  if (!isLimited && options.all !== true)
    throw new UserError('Say which: with ids, with a filter such as --reason, or with --all.');
  const set = { ...options.set, ...(options.to === undefined ? {} : { model: options.to }) };
  return {
    filter: filter as NonNullable<RedriveOrder['filter']>,
    ...(ids.length === 0 ? {} : { request_ids: [...ids] }),
    ...(Object.keys(set).length === 0 ? {} : { set }),
    why: options.why,
    ...(options.dryRun === true ? { dry_run: true } : {}),
    ...(options.perSecond === undefined ? {} : { per_second: options.perSecond }),
  };
};
