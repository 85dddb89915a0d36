import type { BatchEstimate, Estimate } from '../contract/estimate.ts';
import type { PoolReport } from '../contract/pool-report.ts';
import { PRIORITIES } from '../contract/priorities.ts';
import type { Fault, Problem } from '../contract/problem.ts';
import { estimateRequest, sumEstimates } from '../core/estimate-cost.ts';
import { type ValidEnvelope, validateEnvelope } from '../core/validate-envelope.ts';
import { toRefusalProblem } from './accept/refuse.ts';
import { readReportIfAny, type ViewDeps } from './view-context.ts';

export type Estimation =
  | { readonly kind: 'one'; readonly estimate: Estimate }
  | { readonly kind: 'many'; readonly estimate: BatchEstimate }
  | { readonly kind: 'refused'; readonly problem: Problem };

export interface EstimateInput {
  readonly body: unknown;
  readonly tenant: string;
}

type Examined =
  | { readonly ok: true; readonly valids: readonly ValidEnvelope[] }
  | { readonly ok: false; readonly faults: readonly Fault[] };

/** `{"requests": [...]}`, as a batch is sent. */
const membersOf = (body: unknown): readonly unknown[] | undefined => {
  const requests = (body as { readonly requests?: unknown } | null)?.requests;
  return Array.isArray(requests) && requests.length > 0 ? requests : undefined;
};

const examine = (
  envelopes: readonly (readonly [string, unknown])[],
  tenant: string,
  { settings, clock }: ViewDeps,
): Examined => {
  const nowMs = clock.nowMs();
  const valids: ValidEnvelope[] = [];
  const faults: Fault[] = [];
  for (const [prefix, body] of envelopes) {
    const validation = validateEnvelope(body, { settings, nowMs, provenTenant: tenant });
    if (validation.ok) valids.push(validation.valid);
    else faults.push(...validation.faults.map((fault) => ({ ...fault, pointer: prefix + fault.pointer })));
  }
  return faults.length === 0 ? { ok: true, valids } : { ok: false, faults };
};

const reportsOf = async (
  valids: readonly ValidEnvelope[],
  deps: ViewDeps,
): Promise<ReadonlyMap<string, PoolReport | undefined>> =>
  new Map(
    await Promise.all(
      [...new Set(valids.map(({ pool }) => pool.name))].map(
        async (name) => [name, await readReportIfAny(name, deps)] as const,
      ),
    ),
  );

/** In the order in which they would be served: of each pool and class those that come first are before the others. */
const estimateAll = async (
  valids: readonly ValidEnvelope[],
  deps: ViewDeps,
): Promise<readonly Estimate[]> => {
  const reports = await reportsOf(valids, deps);
  const before = new Map<string, number>();
  const nowMs = deps.clock.nowMs();
  const firstGuessMs = deps.settings.average_request_duration * 1000;
  const byClass = PRIORITIES.flatMap((priority) =>
    valids.filter(({ envelope }) => envelope.priority === priority),
  );
  return byClass.map((valid) => {
    const pool = valid.pool.name;
    const count = before.get(pool) ?? 0;
    before.set(pool, count + 1);
    return estimateRequest(valid, { report: reports.get(pool), nowMs, firstGuessMs, before: count });
  });
};

/** What one request, or many, would cost and how long they would take: the same faults as theirs, and nothing is queued. */
export const createEstimateRequests =
  (deps: ViewDeps) =>
  async ({ body, tenant }: EstimateInput): Promise<Estimation> => {
    const members = membersOf(body);
    const envelopes = members?.map((member, index) => [`/requests/${index}`, member] as const);
    const examined = examine(envelopes ?? [['', body]], tenant, deps);
    if (!examined.ok) return { kind: 'refused', problem: toRefusalProblem(examined.faults) };
    const estimates = await estimateAll(examined.valids, deps);
    const [first] = estimates;
    return members === undefined && first !== undefined
      ? { kind: 'one', estimate: first }
      : { kind: 'many', estimate: sumEstimates(estimates) };
  };
