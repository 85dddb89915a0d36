import { createFailureTally, renderFailures } from '../../../cli/run/failure-tally.ts';
import type { Result } from '../../../shared/contract/request.ts';

const ended = (code?: string, detail = ''): Result =>
  ({ error: code === undefined ? null : { code, detail } }) as unknown as Result;

describe('why some of a run failed', () => {
  it('is counted by reason, most of them first, in the words of the first', () => {
    const tally = createFailureTally();
    tally.note([ended(), ended('expired', 'Too late.')]);
    tally.note([ended('model_unavailable', 'No credentials.'), ended('model_unavailable', 'Other words.')]);

    expect(renderFailures(tally.failures())).toBe(
      '  2 model_unavailable: No credentials.\n  1 expired: Too late.',
    );
  });
});
