import { BATCH_DEFAULT_FIELDS } from '../contract/batch.ts';
import type { BatchDefaults } from '../contract/batch-item.ts';
import { limit } from '../contract/limits.ts';
import { createProblem, type Fault, type Problem, type QueryFault } from '../contract/problem.ts';
import type { ValidationContext } from './envelope-rules.ts';
import { type Validation, type ValidEnvelope, validateEnvelope } from './validate-envelope.ts';

/** So many faults are named; the rest is counted. */
const MOST_FAULTS = 100;
const MOST_CHARACTERS = 500;

export interface BatchReport {
  readonly total: number;
  /** When the last of the requests expires. */
  readonly expiresAtMs: number;
  /** How many of them nobody is in a hurry for, by pool. */
  readonly low: ReadonlyMap<string, number>;
  readonly faults: readonly Fault[];
  readonly faultCount: number;
  readonly faultyRequests: number;
}

/** A request of a batch as it was read: in an array, or on a line. */
export interface SentMember {
  readonly index: number;
  readonly line?: number;
  readonly read:
    | { readonly ok: true; readonly body: unknown }
    | { readonly ok: false; readonly detail: string };
}

export interface BatchCheck {
  add(member: SentMember): void;
  report(): BatchReport;
}

const isObject = (body: unknown): body is Readonly<Record<string, unknown>> =>
  typeof body === 'object' && body !== null && !Array.isArray(body);

/** The request with what its batch says for those that say nothing; a time of its own replaces both of its batch. */
export const withBatchDefaults = (body: unknown, defaults: BatchDefaults): unknown => {
  if (!isObject(body)) return body;
  const { deadline, expires_in_seconds, ...others } = defaults;
  const timed = 'deadline' in body || 'expires_in_seconds' in body;
  const times = timed ? {} : { deadline, expires_in_seconds };
  const given = Object.entries({ ...others, ...times }).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(given), ...body };
};

const NO_KEY: Fault = {
  pointer: '/idempotency_key',
  code: 'unknown_field',
  detail: 'is not taken inside a batch; the `Idempotency-Key` of the batch stands for all of it',
};

/** A request of a batch, with everything that is wrong with it there. */
export const validateMember = (
  body: unknown,
  defaults: BatchDefaults,
  context: ValidationContext,
): Validation => {
  const validation = validateEnvelope(withBatchDefaults(body, defaults), context);
  if (!isObject(body) || !('idempotency_key' in body)) return validation;
  const others = validation.ok ? [] : validation.faults.filter(({ pointer }) => pointer !== NO_KEY.pointer);
  return { ok: false, faults: [...others, NO_KEY] };
};

/** Faults of what the batch says for its requests, named once and not again in each of them. */
export const defaultFaults = (defaults: BatchDefaults, context: ValidationContext): readonly Fault[] => {
  const validation = validateEnvelope(withBatchDefaults({ prompt: 'x' }, defaults), context);
  return validation.ok ? [] : validation.faults.filter(({ code }) => code !== 'required');
};

const shorten = (text: string): string =>
  text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS - 1)}…`;

const placed = (fault: Fault, { index, line }: SentMember): Fault => {
  const pointer = line === undefined ? `/requests/${index}${fault.pointer}` : fault.pointer;
  return {
    pointer: shorten(pointer),
    code: fault.code,
    detail: shorten(fault.detail),
    ...(line === undefined ? {} : { line }),
  };
};

const nameOf = ({ index, line }: SentMember): string =>
  line === undefined ? `/requests/${index}` : `line ${line}`;

const customIdOf = (body: unknown): string | undefined => {
  const id = isObject(body) ? body.custom_id : undefined;
  return typeof id === 'string' && id.length <= limit('custom_id_characters') ? id : undefined;
};

/** The fields of the batch that are faulty themselves: nobody is told again that they are missing. */
const withoutFaulty = (defaults: BatchDefaults, faults: readonly Fault[]): BatchDefaults => {
  const faulty = new Set(faults.map(({ pointer }) => pointer.split('/')[1]));
  return Object.fromEntries(
    BATCH_DEFAULT_FIELDS.filter((field) => !faulty.has(field)).map((field) => [field, defaults[field]]),
  );
};

/** Checks the requests of a batch one after the other, however many: it keeps their custom ids and few faults. */
export const createBatchCheck = (sentDefaults: BatchDefaults, context: ValidationContext): BatchCheck => {
  const ownFaults = defaultFaults(sentDefaults, context);
  const defaults = withoutFaulty(sentDefaults, ownFaults);
  const firstPlaces = new Map<string, string>();
  const low = new Map<string, number>();
  const faults: Fault[] = [...ownFaults];
  let faultCount = ownFaults.length;
  let faultyRequests = 0;
  let total = 0;
  let expiresAtMs = 0;

  const duplicateFaults = (member: SentMember, body: unknown): readonly Fault[] => {
    const id = customIdOf(body);
    if (id === undefined) return [];
    const first = firstPlaces.get(id);
    if (first === undefined) firstPlaces.set(id, nameOf(member));
    return first === undefined
      ? []
      : [
          {
            pointer: '/custom_id',
            code: 'duplicate_custom_id',
            detail: `\`${id}\` is also that of ${first}`,
          },
        ];
  };

  const note = ({ expiresAtMs: atMs, envelope, pool }: ValidEnvelope): void => {
    expiresAtMs = Math.max(expiresAtMs, atMs);
    if (envelope.priority === 'low') low.set(pool.name, (low.get(pool.name) ?? 0) + 1);
  };

  const check = (member: SentMember): readonly Fault[] => {
    if (!member.read.ok) return [{ pointer: '', code: 'unreadable_line', detail: member.read.detail }];
    const { body } = member.read;
    const validation = validateMember(body, defaults, context);
    if (validation.ok) note(validation.valid);
    const found = validation.ok ? [] : validation.faults;
    const known = found.filter(
      ({ pointer, code }) => code !== 'required' || !ownFaults.some((own) => own.pointer === pointer),
    );
    return [...known, ...duplicateFaults(member, body)];
  };

  return {
    add: (member) => {
      total += 1;
      // The batch is refused already: to look at the rest would hold up everybody else.
      if (total > limit('batch_requests')) return;
      const found = check(member);
      if (found.length === 0) return;
      faultyRequests += 1;
      faultCount += found.length;
      for (const fault of found.slice(0, MOST_FAULTS - faults.length)) faults.push(placed(fault, member));
    },
    report: () => ({ total, expiresAtMs, low, faults, faultCount, faultyRequests }),
  };
};

const sizeFaults = ({ total }: BatchReport, pointer: string): readonly Fault[] => {
  if (total === 0) return [{ pointer, code: 'required', detail: 'a batch needs at least one request' }];
  const most = limit('batch_requests');
  if (total <= most) return [];
  return [{ pointer, code: 'out_of_range', detail: `must hold at most ${most} requests, not ${total}` }];
};

const countText = (faultCount: number, { total, faultyRequests }: BatchReport): string => {
  const faults = faultCount === 1 ? 'One fault' : `${faultCount} faults`;
  const where = faultyRequests === 0 ? '' : ` in ${faultyRequests} of ${total} requests`;
  const named = faultCount > MOST_FAULTS ? `, of which the first ${MOST_FAULTS} are named` : '';
  return `${faults}${where}${named}; nothing was accepted.`;
};

/** The answer to a batch with faults, or nothing when it has none. `pointer`: where its requests stand. */
export const toBatchProblem = (
  report: BatchReport,
  pointer: string,
  bodyFaults: readonly (Fault | QueryFault)[] = [],
): Problem | undefined => {
  const own = [...bodyFaults, ...sizeFaults(report, pointer)];
  const faultCount = own.length + report.faultCount;
  if (faultCount === 0) return undefined;
  return createProblem('invalid_request', {
    detail: countText(faultCount, report),
    errors: [...own, ...report.faults].slice(0, MOST_FAULTS),
  });
};
