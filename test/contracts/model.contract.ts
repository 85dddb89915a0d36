import { classifyFault } from '../../shared/core/classify-fault.ts';
import type { ModelRequest } from '../../shared/core/model-request.ts';
import type { Model, ModelCall, ModelReply } from '../../shared/ports/model.ts';
import type { Subject } from './subject.ts';

export interface ModelSubject extends Subject<Model> {
  readonly modelId: string;
  readonly nowMs: () => number;
  /** How many calls have reached the service. */
  readonly sent: () => number;
  /** What to send to get that. */
  readonly texts: Readonly<Record<'answered' | 'endless' | 'throttled' | 'rejected' | 'broken', string>>;
}

const MINUTE_MS = 60_000;

const requestOf = (text: string): ModelRequest => ({
  kind: 'converse',
  converse: {
    messages: [{ role: 'user', content: [{ text }] }],
    inferenceConfig: { maxTokens: 100 },
  },
});

export const describeModel = (name: string, open: () => Promise<ModelSubject>): void => {
  describe(`${name} as a model service`, () => {
    let subject: ModelSubject;

    beforeAll(async () => {
      subject = await open();
    });

    const call = (text: string, fields: Partial<ModelCall> = {}): Promise<ModelReply> =>
      subject.run(
        subject.port.call({
          modelId: subject.modelId,
          request: requestOf(text),
          streams: false,
          untilMs: subject.nowMs() + MINUTE_MS,
          signal: new AbortController().signal,
          ...fields,
        }),
      );

    const verdictOn = async (text: string) => {
      const reply = await call(text);
      return reply.kind === 'fault' ? classifyFault(reply.fault) : reply.kind;
    };

    it.each([false, true])('answers with text, output, reason and use (streams: %s)', async (streams) => {
      expect(await call(subject.texts.answered, { streams })).toMatchObject({
        kind: 'answered',
        answer: {
          content: expect.stringMatching(/./),
          output: { message: { role: 'assistant', content: [{ text: expect.stringMatching(/./) }] } },
          stopReason: expect.stringMatching(/./),
          usage: { input_tokens: expect.any(Number), output_tokens: expect.any(Number) },
        },
      });
    });

    it.each([
      ['throttled', { kind: 'throttled' }],
      ['rejected', { kind: 'fail', code: 'model_rejected_request' }],
      ['broken', { kind: 'retry' }],
    ] as const)('tells what is %s as a fault, by one call', async (which, verdict) => {
      const before = subject.sent();
      expect(await verdictOn(subject.texts[which])).toMatchObject(verdict);
      expect(subject.sent()).toBe(before + 1);
    });

    it('sends nothing when the time is over before it begins', async () => {
      const before = subject.sent();
      expect(await call(subject.texts.answered, { untilMs: subject.nowMs() - 1 })).toMatchObject({
        kind: 'fault',
        fault: { name: 'TimeoutError', status: undefined },
      });
      expect(subject.sent()).toBe(before);
    });

    it('sends nothing when it was given up before it began', async () => {
      const before = subject.sent();
      expect(await call(subject.texts.answered, { signal: AbortSignal.abort() })).toMatchObject({
        kind: 'fault',
        fault: { name: 'AbortError', status: undefined },
      });
      expect(subject.sent()).toBe(before);
    });

    it('gives a call up when its time is over', async () => {
      expect(await call(subject.texts.endless, { untilMs: subject.nowMs() + 300 })).toMatchObject({
        kind: 'fault',
        fault: { name: 'TimeoutError', status: undefined },
      });
    });

    it('gives a call up when its caller does', async () => {
      const wish = new AbortController();
      const reply = call(subject.texts.endless, { signal: wish.signal });
      wish.abort();
      expect(await reply).toMatchObject({ kind: 'fault', fault: { name: 'AbortError', status: undefined } });
    });
  });
};
