import { createLearning, type Learning } from '../../../../shared/core/governor/hybrid/learning.ts';

const call = (fields: { inputTokens?: number; maxTokens?: number; route?: string } = {}) => ({
  priority: 'normal' as const,
  inputTokens: 100,
  maxTokens: 1000,
  ...fields,
});
const usage = (inputTokens: number, outputTokens: number) => ({
  inputTokens,
  outputTokens,
  cacheWriteTokens: 0,
});

const taught = (times: number, inputTokens: number, outputTokens: number, route?: string): Learning => {
  const learning = createLearning(5000);
  for (let answer = 0; answer < times; answer++)
    learning.learn(call(route === undefined ? {} : { route }), usage(inputTokens, outputTokens), 2000);
  return learning;
};

describe('what answers teach', () => {
  it('is nothing at first: estimates are taken as they are, answers for 0.3 of max_tokens', () => {
    expect(createLearning(5000).expect(call())).toEqual({
      inputTokens: 100,
      maxTokens: 1000,
      outputTokens: 300,
    });
    expect(createLearning(5000).latencyMs()).toBe(5000);
  });

  it('is how far estimates of input are off, from the first answer on', () => {
    expect(taught(1, 130, 10).expect(call()).inputTokens).toBe(130);
  });

  it.each([
    [1, 0.25],
    [10_000, 4],
  ])('limits the correction: %i tokens for 100 make it %d', (tokens, ratio) => {
    expect(taught(1, tokens, 10).inputRatio()).toBe(ratio);
  });

  it('counts input from the cache as input, as the estimate did', () => {
    const learning = createLearning(5000);
    learning.learn(
      call(),
      { inputTokens: 10, outputTokens: 1, cacheWriteTokens: 30, cacheReadTokens: 60 },
      1,
    );
    expect(learning.inputRatio()).toBe(1);
  });

  it('is how long answers are, from the eighth on', () => {
    expect(taught(7, 100, 50).expect(call()).outputTokens).toBe(300);
    expect(taught(8, 100, 50).expect(call()).outputTokens).toBe(50);
    expect(taught(8, 100, 50).expect(call({ maxTokens: 20 })).outputTokens).toBe(20);
  });

  it('is learned for each route', () => {
    const learning = taught(8, 100, 50, 'summaries');
    expect(learning.expect(call({ route: 'summaries' })).outputTokens).toBe(50);
    expect(learning.expect(call({ route: 'novels' })).outputTokens).toBe(300);
    expect(learning.outputTokens()).toBe(50);
  });

  it('forgets what is long ago', () => {
    const learning = taught(300, 100, 50);
    for (let answer = 0; answer < 900; answer++) learning.learn(call(), usage(100, 500), 2000);
    expect(Math.round(learning.outputTokens())).toBe(499);
  });

  it('saves the routes that were used last', () => {
    const learning = createLearning(5000);
    for (let route = 0; route < 20; route++)
      learning.learn(call({ route: `r${route}` }), usage(100, 50), 2000);
    const names = learning.save().routes.map(([name]) => name);

    expect(names).toEqual(['r9', 'r10', 'r11', 'r12', 'r13', 'r14', 'r15', 'r16', 'r17', 'r18', '', 'r19']);
  });
});
