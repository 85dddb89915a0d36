import { z } from 'zod';
import { SCOPE_NAMES, type Scope } from './api-keys.ts';
import {
  ERROR_CODE_NAMES,
  ERROR_CODES,
  type ErrorCode,
  type ErrorCodeName,
  type FaultCode,
} from './error-codes.ts';

/** One place in a request that is wrong. `pointer` is a JSON Pointer (RFC 6901) into the body. */
export interface Fault {
  readonly pointer: string;
  readonly code: FaultCode;
  readonly detail: string;
  /** Of a body of lines, from 1; the pointer then points into that line. */
  readonly line?: number;
}

/** One parameter of a query that is wrong: it stands in no body, and has no pointer. */
export interface QueryFault {
  readonly parameter: string;
  readonly code: FaultCode;
  readonly detail: string;
}

/** RFC 9457 problem details: the one error object, over HTTP, on the results queue and inside results. */
export const problemSchema = z
  .object({
    type: z.string().meta({ description: 'A URN that names the kind of problem.' }),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    code: z.enum(ERROR_CODE_NAMES as [ErrorCodeName, ...ErrorCodeName[]]),
    instance: z.string().optional().meta({ description: 'The id of this answer, to name in a report.' }),
    errors: z
      .array(
        z.object({
          pointer: z.string().optional().meta({ description: 'JSON Pointer into the body.' }),
          parameter: z
            .string()
            .optional()
            .meta({ description: 'Name of a parameter of the query, in place of `pointer`.' }),
          code: z.string(),
          detail: z.string(),
          line: z.number().int().optional().meta({ description: 'Of a body of lines, from 1.' }),
        }),
      )
      .optional(),
    request_id: z.string().optional(),
    missing_scope: z
      .enum(SCOPE_NAMES as [Scope, ...Scope[]])
      .optional()
      .meta({ description: 'What the API key would have to be good for, with `insufficient_scope`.' }),
    waiting: z
      .number()
      .int()
      .min(0)
      .optional()
      .meta({ description: 'Unfinished requests of the tenant in the pool, with `too_many_waiting`.' }),
    max_waiting: z.number().int().min(1).optional().meta({ description: 'How many of them there may be.' }),
    eta_seconds: z
      .number()
      .int()
      .min(0)
      .optional()
      .meta({ description: 'About when it would be answered, with `backlog_too_long`.' }),
    retry_after_seconds: z.number().int().min(1).optional().meta({
      description: 'When to send it again, with `backlog_too_long`; over HTTP `Retry-After` says it too.',
    }),
    retryable: z.boolean(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem details.' });

export type Problem = z.infer<typeof problemSchema>;

export interface ProblemOptions {
  readonly detail?: string;
  readonly errors?: readonly (Fault | QueryFault)[];
  readonly requestId?: string;
  readonly instance?: string;
  readonly missingScope?: Scope;
  readonly backlog?: { readonly etaSeconds: number; readonly retryAfterSeconds: number };
  readonly waiting?: { readonly count: number; readonly most: number };
}

/** Problems of these codes can go away by themselves. */
const RETRYABLE: ReadonlySet<ErrorCodeName> = new Set([
  'too_many_waiting',
  'backlog_too_long',
  'temporarily_unavailable',
  'store_not_well',
  'internal_error',
  'throttled',
  'throttled_for_today',
  'service_fault',
  'model_unavailable',
]);

export const createProblem = (code: ErrorCodeName, options: ProblemOptions = {}): Problem => {
  const entry: ErrorCode = ERROR_CODES[code];
  return {
    type: `urn:smoother:problem:${code}`,
    title: entry.title,
    status: entry.status,
    detail: options.detail ?? entry.detail ?? entry.remedy,
    code,
    retryable: RETRYABLE.has(code),
    ...(options.instance === undefined ? {} : { instance: options.instance }),
    ...(options.errors === undefined ? {} : { errors: options.errors.map((fault) => ({ ...fault })) }),
    ...(options.requestId === undefined ? {} : { request_id: options.requestId }),
    ...(options.missingScope === undefined ? {} : { missing_scope: options.missingScope }),
    ...(options.waiting === undefined
      ? {}
      : { waiting: options.waiting.count, max_waiting: options.waiting.most }),
    ...(options.backlog === undefined
      ? {}
      : {
          eta_seconds: options.backlog.etaSeconds,
          retry_after_seconds: options.backlog.retryAfterSeconds,
        }),
  };
};
