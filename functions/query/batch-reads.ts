import type { Hono } from 'hono';
import { BATCH_ID_PATTERN } from '../../shared/contract/keys.ts';
import { limit } from '../../shared/contract/limits.ts';
import type { QueryFault } from '../../shared/contract/problem.ts';
import { BATCHES_PARAMETERS, RESULTS_PARAMETERS } from '../../shared/contract/routes.ts';
import { isTerminal, STATUS_NAMES, type TerminalStatus } from '../../shared/contract/statuses.ts';
import { toBatchView } from '../../shared/core/batch-view.ts';
import { parseCursor, toCursor } from '../../shared/core/list-cursor.ts';
import type { BatchInQuestion } from '../../shared/flows/batches/find-batch.ts';
import { createListBatches, type ListBatchesDeps } from '../../shared/flows/batches/list-batches.ts';
import { createReadBatch } from '../../shared/flows/batches/read-batch.ts';
import {
  createReadBatchResults,
  type ResultsDeps,
  type ResultsQuestion,
} from '../../shared/flows/batches/read-batch-results.ts';
import { missingBatch } from '../runtime/batch-response.ts';
import { tenantOfCaller } from '../runtime/caller.ts';
import { toFaultyQuery } from '../runtime/problem-response.ts';
import { parameterFaults } from '../runtime/query-faults.ts';
import { jsonResponse } from '../runtime/request-response.ts';

/** Members looked at for a page, unless said. */
const DEFAULT_LIMIT = 1000;

const ENDS: readonly TerminalStatus[] = STATUS_NAMES.filter(isTerminal);

const readNumber = (
  query: URLSearchParams,
  name: string,
  range: { readonly least: number; readonly most: number; readonly otherwise: number },
): { readonly value: number; readonly faults: readonly QueryFault[] } => {
  const text = query.get(name);
  if (text === null) return { value: range.otherwise, faults: [] };
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= range.least && value <= range.most) return { value, faults: [] };
  const detail = `must be a whole number from ${range.least} to ${range.most}, not \`${text.slice(0, 50)}\``;
  return { value: range.otherwise, faults: [{ parameter: name, code: 'out_of_range', detail }] };
};

const readStatuses = (
  query: URLSearchParams,
): { readonly value: readonly TerminalStatus[]; readonly faults: readonly QueryFault[] } => {
  const texts = query.getAll('status').flatMap((text) => text.split(','));
  if (texts.length === 0) return { value: ENDS, faults: [] };
  const known = ENDS.filter((status) => texts.includes(status));
  if (texts.every((text) => known.some((status) => status === text))) return { value: known, faults: [] };
  const detail = `must be one or more of ${ENDS.join(', ')}, with commas between them`;
  return { value: ENDS, faults: [{ parameter: 'status', code: 'invalid_value', detail }] };
};

const toQuestion = (
  url: URL,
  { batchId, tenant }: BatchInQuestion,
): { readonly question: ResultsQuestion; readonly faults: readonly QueryFault[] } => {
  const query = url.searchParams;
  const most = limit('batch_results_page');
  const from = readNumber(query, 'from', { least: 0, most: limit('batch_requests'), otherwise: 0 });
  const members = readNumber(query, 'limit', { least: 1, most, otherwise: DEFAULT_LIMIT });
  const statuses = readStatuses(query);
  return {
    question: {
      batchId,
      tenant,
      from: from.value,
      limit: members.value,
      statuses: statuses.value,
    },
    faults: [
      ...parameterFaults(query, RESULTS_PARAMETERS),
      ...from.faults,
      ...members.faults,
      ...statuses.faults,
    ],
  };
};

const nextPage = (url: URL, nextFrom: number): string => {
  const query = new URLSearchParams(url.searchParams);
  query.set('from', String(nextFrom));
  return `<${url.pathname}?${query}>; rel="next"`;
};

const listQuestion = (query: URLSearchParams, tenant: string) => {
  const cursor = query.get('cursor');
  const after = cursor === null ? undefined : parseCursor('batches', cursor);
  const entries = readNumber(query, 'limit', { least: 1, most: limit('list_entries'), otherwise: 20 });
  const isForeign = cursor !== null && after === undefined;
  const foreign: QueryFault = {
    parameter: 'cursor',
    code: 'invalid_value',
    detail: 'must be the `next_cursor` of this list',
  };
  const faults = [
    ...parameterFaults(query, BATCHES_PARAMETERS),
    ...entries.faults,
    ...(isForeign ? [foreign] : []),
  ];
  const question = {
    tenant,
    limit: entries.value,
    ...(after === undefined ? {} : { after }),
  };
  return { question, faults };
};

const list = async (url: URL, tenant: string, deps: BatchReadDeps): Promise<Response> => {
  const { question, faults } = listQuestion(url.searchParams, tenant);
  if (faults.length > 0) return toFaultyQuery(faults);
  const { batches, next } = await createListBatches(deps)(question);
  return jsonResponse(
    {
      batches: batches.map(({ batch: item, tallies }) => toBatchView(item, tallies)),
      next_cursor: next === undefined ? null : toCursor('batches', next),
    },
    { status: 200 },
  );
};

const results = async (url: URL, named: BatchInQuestion, deps: ResultsDeps): Promise<Response> => {
  const { question, faults } = toQuestion(url, named);
  if (faults.length > 0) return toFaultyQuery(faults);
  const reading = await createReadBatchResults(deps)(question);
  if (reading.kind !== 'page') return missingBatch(reading, named.batchId);
  const lines = reading.lines.map((line) => `${Buffer.from(line).toString('utf8')}\n`);
  return new Response(lines.join(''), {
    headers: {
      'content-type': 'application/x-ndjson',
      ...(reading.nextFrom === undefined ? {} : { link: nextPage(url, reading.nextFrom) }),
    },
  });
};

const batch = async (named: BatchInQuestion, deps: ResultsDeps): Promise<Response> => {
  const reading = await createReadBatch(deps)(named);
  if (reading.kind !== 'found') return missingBatch(reading, named.batchId);
  return jsonResponse(toBatchView(reading.batch, reading.tallies), { status: 200 });
};

export type BatchReadDeps = ResultsDeps & ListBatchesDeps;

/** The HTTP door for what is read of batches. */
export const addBatchReads = (app: Hono, deps: BatchReadDeps): void => {
  const isKnown = (batchId: string): boolean => BATCH_ID_PATTERN.test(batchId);
  app.get('/v1/batches', (context) => list(new URL(context.req.url), tenantOfCaller(context), deps));
  app.get('/v1/batches/:id', (context) => {
    const batchId = context.req.param('id');
    return isKnown(batchId)
      ? batch({ batchId, tenant: tenantOfCaller(context) }, deps)
      : missingBatch({ kind: 'not_found' }, batchId);
  });
  app.get('/v1/batches/:id/results', (context) => {
    const batchId = context.req.param('id');
    return isKnown(batchId)
      ? results(new URL(context.req.url), { batchId, tenant: tenantOfCaller(context) }, deps)
      : missingBatch({ kind: 'not_found' }, batchId);
  });
};
