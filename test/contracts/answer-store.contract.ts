import type { AnswerStore } from '../../shared/ports/answer-store.ts';
import type { Subject } from './subject.ts';

const ANSWER = { result: { key: 'results/a.jsonl', offsetBytes: 12, lengthBytes: 34 }, finishedAtMs: 1_000 };

export const describeAnswerStore = (name: string, open: () => Promise<Subject<AnswerStore>>): void => {
  describe(`${name} as answer store`, () => {
    let port: AnswerStore;

    beforeAll(async () => {
      port = (await open()).port;
    });

    it('knows no answer to a question that was never asked', async () => {
      expect(await port.read('never')).toBeUndefined();
    });

    it('gives the latest answer, and keeps questions apart', async () => {
      await port.put('a', ANSWER);
      await port.put('b', { ...ANSWER, finishedAtMs: 5 });
      await port.put('a', { ...ANSWER, finishedAtMs: 2_000 });
      expect(await port.read('a')).toEqual({ ...ANSWER, finishedAtMs: 2_000 });
      expect(await port.read('b')).toEqual({ ...ANSWER, finishedAtMs: 5 });
    });
  });
};
