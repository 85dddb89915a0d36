import type { DrainDeps } from './drain-deps.ts';
import type { Settling } from './settling.ts';

/** Answers that may be given again. One that is not remembered is asked for again. */
export const rememberAnswers = async (
  done: readonly Settling[],
  { answers, telemetry }: Pick<DrainDeps, 'answers' | 'telemetry'>,
): Promise<void> => {
  const fresh = done.flatMap(({ finished, result, pointer, member }) => {
    const { repeat } = finished.staged.held;
    const isAnswer =
      member.outcome === 'finished' && result.status === 'succeeded' && result.repeated === undefined;
    return repeat === undefined || pointer === undefined || !isAnswer
      ? []
      : [{ key: repeat.key, answer: { result: pointer, finishedAtMs: finished.ended.finishedAtMs } }];
  });
  await Promise.all(
    fresh.map(async ({ key, answer }) => {
      try {
        await answers.put(key, answer);
      } catch (error) {
        telemetry.log('warn', 'answer_not_remembered', { error: String(error) });
      }
    }),
  );
};
