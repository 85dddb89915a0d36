import { type ControlOrder, type Controls, controlOrderSchema } from '../../contract/controls.ts';
import type { Fault } from '../../contract/problem.ts';
import { MEASURED } from '../../contract/quota-settings.ts';
import { type KnownNames, toFaults } from '../../contract/schema-faults.ts';
import type { Settings } from '../../contract/settings.ts';
import { TENANT_PATTERN } from '../../contract/tenants.ts';
import { changeControls, type Subject, subjectOf } from '../../core/controls/change-controls.ts';
import { takenWhole } from '../../core/quota/with-headroom.ts';
import type { ControlStore } from '../../ports/control-store.ts';
import { type WakeDeps, wakePools } from '../accept/wake-pools.ts';

export interface OrderDeps extends WakeDeps {
  readonly settings: Settings;
  readonly controls: ControlStore;
}

export type OrderOutcome =
  | { readonly kind: 'done'; readonly controls: Controls }
  | { readonly kind: 'faulty'; readonly faults: readonly Fault[] }
  | { readonly kind: 'too_many' }
  /** Others change them at the same time. */
  | { readonly kind: 'busy' };

const TRIES = 5;

const knownNames: KnownNames = (path) => (path.length === 0 ? Object.keys(controlOrderSchema.shape) : []);

const fault = (pointer: string, detail: string): Fault => ({ pointer, code: 'invalid_value', detail });

/** A limit of which the pool's headroom would leave nothing. */
const quotaFaults = (
  { pool, quota }: Pick<ControlOrder, 'pool' | 'quota'>,
  { models }: Settings,
): readonly Fault[] => {
  const headroom = pool !== undefined && Object.hasOwn(models, pool) ? models[pool]?.headroom : undefined;
  if (headroom === undefined || headroom === MEASURED || typeof headroom === 'number') return [];
  return takenWhole(quota ?? {}, headroom).map((name) =>
    fault(
      `/quota/${name}`,
      `must be more than the pool’s headroom (${headroom.tokens_per_minute} tokens a minute), not ${quota?.[name]}: nothing would be left; \`paused\` stops the pool`,
    ),
  );
};

/** Rules between the fields of an order. */
const faultsOf = (order: Omit<ControlOrder, 'reason'>, settings: Settings): readonly Fault[] => {
  const { models } = settings;
  const { pool, tenant, quota, weight, paused } = order;
  return [
    ...(subjectOf(order) === undefined
      ? [fault('', 'must name exactly one of pool, tenant and priority')]
      : []),
    ...(pool !== undefined && !Object.hasOwn(models, pool)
      ? [fault('/pool', `must be one of ${Object.keys(models).join(', ')}, not \`${pool}\``)]
      : []),
    ...(tenant !== undefined && !TENANT_PATTERN.test(tenant)
      ? [fault('/tenant', 'must be letters, digits, `_`, `.` and `-` that begin with a letter or digit')]
      : []),
    ...(quota !== undefined && pool === undefined ? [fault('/quota', 'is a limit of a pool')] : []),
    ...quotaFaults(order, settings),
    ...(weight !== undefined && tenant === undefined ? [fault('/weight', 'is a share of a tenant')] : []),
    ...(quota === undefined && weight === undefined && paused === undefined
      ? [fault('', 'must change at least one of paused, quota and weight')]
      : []),
  ];
};

type ParsedOrder =
  | { readonly ok: true; readonly order: ControlOrder; readonly subject: Subject }
  | { readonly ok: false; readonly faults: readonly Fault[] };

const withoutReason = controlOrderSchema.omit({ reason: true });

/** Those between the other fields, when they are sound by themselves: only the reason may be missing. */
const faultsBesideReason = (body: unknown, settings: Settings): readonly Fault[] => {
  if (typeof body !== 'object' || body === null) return [];
  const others = Object.fromEntries(Object.entries(body).filter(([name]) => name !== 'reason'));
  const parsed = withoutReason.safeParse(others);
  return parsed.success ? faultsOf(parsed.data, settings) : [];
};

const parseOrder = (body: unknown, settings: Settings): ParsedOrder => {
  const parsed = controlOrderSchema.safeParse(body);
  if (!parsed.success)
    return {
      ok: false,
      faults: [...toFaults(parsed.error, body, knownNames), ...faultsBesideReason(body, settings)],
    };
  const faults = faultsOf(parsed.data, settings);
  const subject = subjectOf(parsed.data);
  return subject === undefined || faults.length > 0
    ? { ok: false, faults }
    : { ok: true, order: parsed.data, subject };
};

/** Changes what an operator may change; drains follow with their next heartbeat. */
export const createOrderControl =
  (deps: OrderDeps) =>
  async (body: unknown, by: string): Promise<OrderOutcome> => {
    const { settings, controls: store, clock, telemetry } = deps;
    const parsed = parseOrder(body, settings);
    if (!parsed.ok) return { kind: 'faulty', faults: parsed.faults };
    const { order, subject } = parsed;
    for (let tries = 0; tries < TRIES; tries += 1) {
      const seen = await store.read();
      const next = changeControls(seen, order, subject, { by, nowMs: clock.nowMs() });
      if (next.kind === 'unchanged') return { kind: 'done', controls: seen };
      if (next.kind === 'too_many') return next;
      if (!(await store.write(next.controls, seen))) continue;
      const { version } = next.controls;
      telemetry.log('warn', 'controls_changed', { version, by, subject: subject.kind, name: subject.name });
      // What was let go again is not left to the minute's tick.
      await wakePools(subject.kind === 'pool' ? [subject.name] : Object.keys(settings.models), deps);
      return { kind: 'done', controls: next.controls };
    }
    return { kind: 'busy' };
  };
