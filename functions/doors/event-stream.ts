import { createProblem, type Problem } from '../../shared/contract/problem.ts';
import type { Result } from '../../shared/contract/request.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { Asked, Begun } from './ask.ts';

/** How a dialect says things in a stream of events. */
export interface EventWords {
  /** That there is nothing to say yet: no client, and nothing between, gives up meanwhile. */
  readonly stillThere: string;
  readonly answer: (result: Result) => string;
  /** The status is out already. */
  readonly failure: (problem: Problem) => string;
}

const STILL_THERE_MS = 15_000;

const lastWords = async (asked: Asked, words: EventWords): Promise<string> =>
  asked.ok ? words.answer(asked.result) : words.failure((await asked.response.json()) as Problem);

/** Keeps a stream open with signs of life until the answer is there, which it then holds as a whole. */
export const streamAnswer = (
  { answer, requestId }: Extract<Begun, { ok: true }>,
  words: EventWords,
  { clock, headers }: { readonly clock: Clock; readonly headers: Readonly<Record<string, string>> },
): Response => {
  const encoder = new TextEncoder();
  const gone = new AbortController();
  const work = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
    let asked: Asked | undefined;
    const answering = answer().then((found) => {
      asked = found;
    });
    while (asked === undefined && !gone.signal.aborted) {
      await Promise.race([answering, clock.sleep(STILL_THERE_MS, gone.signal)]);
      if (asked === undefined && !gone.signal.aborted) controller.enqueue(encoder.encode(words.stillThere));
    }
    if (asked === undefined || gone.signal.aborted) return;
    controller.enqueue(encoder.encode(await lastWords(asked, words)));
    controller.close();
  };
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      work(controller)
        .catch(() => {
          if (gone.signal.aborted) return;
          controller.enqueue(encoder.encode(words.failure(createProblem('internal_error', { requestId }))));
          controller.close();
        })
        .finally(() => gone.abort());
    },
    cancel: () => gone.abort(),
  });
  return new Response(body, {
    headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-cache', ...headers },
  });
};
