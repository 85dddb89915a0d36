import { type TokensUsed, WINDOW_MS } from '../../shared/core/quota/others-use.ts';
import type { AccountUse } from '../../shared/ports/account-use.ts';
import type { Subject } from './subject.ts';

export interface AccountUseSubject extends Subject<AccountUse> {
  /** Somebody of the account calls a model at that time; answers with what that used. */
  readonly use: (modelId: string, atMs: number) => Promise<TokensUsed>;
  /** From now on nobody can look. */
  readonly fail: () => Promise<void>;
}

const PATIENCE_MS = 10_000;
const FROM_MS = Date.UTC(2026, 0, 31, 12);
const SPAN = { fromMs: FROM_MS, toMs: FROM_MS + 3 * WINDOW_MS };

const NONE: TokensUsed = { inputTokens: 0, outputTokens: 0, cacheWriteTokens: 0 };

const sumOf = (uses: readonly TokensUsed[]): TokensUsed =>
  uses.reduce(
    (sum, one) => ({
      inputTokens: sum.inputTokens + one.inputTokens,
      outputTokens: sum.outputTokens + one.outputTokens,
      cacheWriteTokens: sum.cacheWriteTokens + one.cacheWriteTokens,
    }),
    NONE,
  );

export const describeAccountUse = (
  name: string,
  open: () => Promise<AccountUseSubject>,
  [model, other]: readonly [model: string, other: string],
): void => {
  describe(`${name} as what an account uses`, () => {
    let subject: AccountUseSubject;
    const look = (modelId: string, span = SPAN) =>
      subject.run(subject.port.ofModel(modelId, span, PATIENCE_MS));

    beforeAll(async () => {
      subject = await open();
    });

    it('knows nothing of what nobody used', async () => {
      expect(await look(model)).toEqual(new Map());
    });

    it('sums what everybody used of a model by windows of five minutes, within the span', async () => {
      await subject.use(model, FROM_MS - WINDOW_MS);
      const first = [
        await subject.use(model, FROM_MS),
        await subject.use(model, FROM_MS + WINDOW_MS - 1_000),
      ];
      const second = await subject.use(model, FROM_MS + WINDOW_MS);
      await subject.use(other, FROM_MS + WINDOW_MS);
      await subject.use(model, SPAN.toMs);
      expect(sumOf(first).outputTokens).toBeGreaterThan(second.outputTokens);
      expect(await look(model)).toEqual(
        new Map([
          [FROM_MS, sumOf(first)],
          [FROM_MS + WINDOW_MS, second],
        ]),
      );
    });

    it('rejects when nobody can look', async () => {
      await subject.fail();
      await expect(look(model)).rejects.toThrow();
    });
  });
};
