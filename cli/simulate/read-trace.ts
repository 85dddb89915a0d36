import { z } from 'zod';
import { UserError } from '../../local/user-error.ts';
import { PRIORITIES } from '../../shared/contract/priorities.ts';
import { type KnownNames, toFaults } from '../../shared/contract/schema-faults.ts';
import type { SimulatedRequest } from './simulated-request.ts';

const lineSchema = z
  .strictObject({
    at: z.iso.datetime({ offset: true }).optional(),
    at_ms: z.number().min(0).optional(),
    tenant: z.string().min(1).default('default'),
    priority: z.enum(PRIORITIES).default('normal'),
    input_tokens: z.number().int().min(0),
    output_tokens: z.number().int().min(0),
    max_tokens: z.number().int().min(1).optional(),
    estimated_tokens: z.number().int().min(0).optional(),
    latency_ms: z.number().min(0).optional(),
    expires_in_seconds: z.number().min(0).optional(),
  })
  .refine(({ at, at_ms: atMs }) => (at === undefined) !== (atMs === undefined), {
    error: 'must say when it arrived: either `at` (ISO 8601) or `at_ms`',
  });

const knownNames: KnownNames = (path) => (path.length === 0 ? Object.keys(lineSchema.shape) : []);

type Line = z.infer<typeof lineSchema>;

const parseLine = (text: string, number: number): Line => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UserError(
      `Line ${number} of the trace is not JSON: each line must be one request as a JSON object.`,
    );
  }
  const parsed = lineSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const faults = toFaults(parsed.error, value, knownNames).map(
    ({ pointer, detail }) => `${pointer.slice(1) || 'the line'}: ${detail}`,
  );
  throw new UserError(`Line ${number} of the trace cannot be used: ${faults.join('; ')}.`);
};

const arrivalOf = ({ at, at_ms: atMs = 0 }: Line): number => (at === undefined ? atMs : Date.parse(at));

const toRequest = (line: Line, index: number, firstMs: number): SimulatedRequest => {
  const arrivesAtMs = arrivalOf(line) - firstMs;
  const { expires_in_seconds: expires, latency_ms: latencyMs } = line;
  return {
    id: `line-${index + 1}`,
    tenant: line.tenant,
    priority: line.priority,
    arrivesAtMs,
    inputTokens: line.input_tokens,
    estimatedTokens: line.estimated_tokens ?? line.input_tokens,
    outputTokens: line.output_tokens,
    maxTokens: Math.max(line.max_tokens ?? line.output_tokens, line.output_tokens, 1),
    ...(expires === undefined ? {} : { expiresAtMs: arrivesAtMs + expires * 1000 }),
    ...(latencyMs === undefined ? {} : { latencyMs }),
  };
};

/** A trace of JSON Lines, one request each; time begins with the first. Empty lines are skipped. */
export const readTrace = (text: string): readonly SimulatedRequest[] => {
  const lines = text
    .split('\n')
    .map((line, index) => [line.trim(), index + 1] as const)
    .filter(([line]) => line !== '')
    .map(([line, number]) => parseLine(line, number));
  if (lines.length === 0)
    throw new UserError('The trace is empty: it must hold one request a line, as JSON.');
  const firstMs = lines.reduce((first, line) => Math.min(first, arrivalOf(line)), Number.POSITIVE_INFINITY);
  return lines
    .map((line, index) => toRequest(line, index, firstMs))
    .sort((one, other) => one.arrivesAtMs - other.arrivesAtMs);
};
