import type { Result } from '../../shared/contract/request.ts';
import { isTerminal, STATUS_NAMES, type TerminalStatus } from '../../shared/contract/statuses.ts';
import type { BatchInQuestion } from '../../shared/flows/batches/find-batch.ts';
import { createReadBatchResults, type ResultsDeps } from '../../shared/flows/batches/read-batch-results.ts';
import { missingBatch } from '../runtime/batch-response.ts';

export interface LinesWanted {
  readonly statuses?: readonly TerminalStatus[];
  readonly toLine: (result: Result) => unknown;
  readonly contentType: string;
}

const ENDS: readonly TerminalStatus[] = STATUS_NAMES.filter(isTerminal);
/** Members looked at for one piece of the answer. */
const PAGE_MEMBERS = 1_000;

const parseLine = (line: Uint8Array): Result => JSON.parse(Buffer.from(line).toString('utf8')) as Result;

/** How the requests of a batch ended, in the words of a dialect: page by page, so that no answer lies in memory whole. */
export const streamResults = async (
  named: BatchInQuestion,
  { statuses = ENDS, toLine, contentType }: LinesWanted,
  deps: ResultsDeps,
): Promise<Response> => {
  const read = createReadBatchResults(deps);
  const pageFrom = (from: number) => read({ ...named, from, limit: PAGE_MEMBERS, statuses });
  const first = await pageFrom(0);
  if (first.kind !== 'page') return missingBatch(first, named.batchId);
  let page: typeof first | undefined = first;
  const takePage = async (): Promise<readonly Uint8Array[]> => {
    const { lines = [], nextFrom } = page ?? {};
    const next = nextFrom === undefined ? undefined : await pageFrom(nextFrom);
    page = next?.kind === 'page' ? next : undefined;
    return lines;
  };
  const body = new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      while (page !== undefined) {
        const lines = await takePage();
        const texts = lines.map((line) => `${JSON.stringify(toLine(parseLine(line)))}\n`);
        if (lines.length > 0) return controller.enqueue(Buffer.from(texts.join('')));
      }
      controller.close();
    },
  });
  return new Response(body, { headers: { 'content-type': contentType } });
};
