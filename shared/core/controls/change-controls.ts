import {
  type Control,
  type ControlKind,
  type ControlOrder,
  type Controls,
  MOST_CONTROLS,
} from '../../contract/controls.ts';
import { controlOf } from './in-force.ts';

export interface OrderedBy {
  readonly by: string;
  readonly nowMs: number;
}

export type ChangedControls =
  | { readonly kind: 'changed'; readonly controls: Controls }
  /** It was so already. */
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'too_many' };

export interface Subject {
  readonly kind: ControlKind;
  readonly name: string;
}

/** What an order is about; nothing when it names none, or more than one. */
export const subjectOf = ({ pool, tenant, priority }: Omit<ControlOrder, 'reason'>): Subject | undefined => {
  const named: Subject[] = [
    ...(pool === undefined ? [] : [{ kind: 'pool' as const, name: pool }]),
    ...(tenant === undefined ? [] : [{ kind: 'tenant' as const, name: tenant }]),
    ...(priority === undefined ? [] : [{ kind: 'priority' as const, name: priority }]),
  ];
  return named.length === 1 ? named[0] : undefined;
};

type Settable = Pick<Control, 'paused' | 'quota' | 'weight'>;

/** Left out: as before. Null: as the settings say. */
const chosen = <T>(ordered: T | null | undefined, before: T | undefined): T | undefined =>
  ordered === undefined ? before : (ordered ?? undefined);

const settableOf = (order: ControlOrder, before: Control | undefined): Settable => {
  const quota = chosen(order.quota, before?.quota);
  const weight = chosen(order.weight, before?.weight);
  return {
    paused: order.paused ?? before?.paused ?? false,
    ...(quota === undefined || Object.keys(quota).length === 0 ? {} : { quota }),
    ...(weight === undefined ? {} : { weight }),
  };
};

const isAsSettings = ({ paused, quota, weight }: Settable): boolean =>
  !paused && quota === undefined && weight === undefined;

const isSame = (after: Settable, before: Control | undefined): boolean => {
  if (before === undefined) return isAsSettings(after);
  const { paused, quota, weight } = before;
  return (
    JSON.stringify([after.paused, after.quota, after.weight]) === JSON.stringify([paused, quota, weight])
  );
};

/** The controls after an order, and the record of what it changed. */
export const changeControls = (
  current: Controls,
  order: ControlOrder,
  { kind, name }: Subject,
  { by, nowMs }: OrderedBy,
): ChangedControls => {
  const before = controlOf(current, kind, name);
  const settable = settableOf(order, before);
  if (isSame(settable, before)) return { kind: 'unchanged' };
  const { reason } = order;
  const after: Control | null = isAsSettings(settable)
    ? null
    : { kind, name, ...settable, reason, changed_at_ms: nowMs, changed_by: by };
  const controls = [...current.controls.filter((control) => control !== before), ...(after ? [after] : [])];
  if (controls.length > MOST_CONTROLS) return { kind: 'too_many' };
  const version = current.version + 1;
  const change = { version, at_ms: nowMs, by, kind, name, reason, before: before ?? null, after };
  return { kind: 'changed', controls: { version, controls, last_change: change } };
};
