import type { ResultFormat } from '../../../cli/input/formats.ts';
import { createResultWriter } from '../../../cli/results/render-result.ts';
import type { ResultOfItem } from '../../../cli/results/result-of-item.ts';
import { createProblem } from '../../../shared/contract/problem.ts';
import type { Result } from '../../../shared/contract/request.ts';

const SUCCEEDED: Result = {
  request_id: 'req_1',
  custom_id: 'line-2',
  tenant: 'default',
  status: 'succeeded',
  model: 'amazon.nova-micro-v1:0',
  pool: 'nova',
  priority: 'normal',
  accepted_at: '2026-01-31T12:00:00.000Z',
  expires_at: '2026-02-05T12:00:00.000Z',
  attempts: 1,
  region: 'us-east-1',
  content: 'Paris',
  output: {
    message: {
      role: 'assistant',
      content: [{ text: 'Paris' }, { toolUse: { toolUseId: 't1', name: 'look', input: { x: 1 } } }],
    },
  },
  stop_reason: 'tool_use',
  usage: { input_tokens: 16, output_tokens: 4, cache_read_tokens: 2, cache_write_tokens: 0 },
  cost_usd: 0.5,
  latency_ms: 831,
  wait_ms: 842,
  finished_at: '2026-01-31T12:00:01.673Z',
  error: null,
  metadata: {},
};

const FAILED: Result = {
  ...SUCCEEDED,
  status: 'failed',
  content: null,
  output: null,
  stop_reason: null,
  usage: null,
  cost_usd: null,
  error: createProblem('context_too_long', { detail: 'Input is too long.' }),
};

const of = (result: Result, source: ResultOfItem['source'] = {}): ResultOfItem => ({
  result,
  id: 'order/17',
  source,
});

const write = (
  format: Exclude<ResultFormat, 'same'>,
  result: ResultOfItem,
  columns: readonly string[] = [],
) => createResultWriter(format, columns).render(result);

const written = (format: Exclude<ResultFormat, 'same'>, result: ResultOfItem) =>
  JSON.parse(write(format, result)) as unknown;

describe('results', () => {
  it('are ours as they come', () => {
    expect(write('jsonl', of(SUCCEEDED))).toBe(`${JSON.stringify(SUCCEEDED)}\n`);
  });

  it('are those of an Anthropic batch', () => {
    expect(written('anthropic', of(SUCCEEDED))).toEqual({
      custom_id: 'order/17',
      result: {
        type: 'succeeded',
        message: {
          id: 'req_1',
          type: 'message',
          role: 'assistant',
          model: 'amazon.nova-micro-v1:0',
          content: [
            { type: 'text', text: 'Paris' },
            { type: 'tool_use', id: 't1', name: 'look', input: { x: 1 } },
          ],
          stop_reason: 'tool_use',
          stop_sequence: null,
          usage: {
            input_tokens: 16,
            output_tokens: 4,
            cache_read_input_tokens: 2,
            cache_creation_input_tokens: 0,
          },
        },
      },
    });
    expect(written('anthropic', of(FAILED))).toEqual({
      custom_id: 'order/17',
      result: {
        type: 'errored',
        error: {
          type: 'error',
          error: { type: 'invalid_request_error', message: 'Input is too long.' },
          request_id: null,
        },
      },
    });
    expect(written('anthropic', of({ ...FAILED, status: 'expired' }))).toEqual({
      custom_id: 'order/17',
      result: { type: 'expired' },
    });
  });

  it('leave Anthropic’s own message as it is', () => {
    const message = { type: 'message', id: 'msg_1', content: [{ type: 'text', text: 'Paris' }] };
    expect(written('anthropic', of({ ...SUCCEEDED, output: message }))).toEqual({
      custom_id: 'order/17',
      result: { type: 'succeeded', message },
    });
  });

  it('are those of an OpenAI batch', () => {
    expect(written('openai', of(SUCCEEDED))).toEqual({
      id: 'batch_req_req_1',
      custom_id: 'order/17',
      response: {
        status_code: 200,
        request_id: 'req_1',
        body: {
          id: 'req_1',
          object: 'chat.completion',
          created: 1769860801,
          model: 'amazon.nova-micro-v1:0',
          choices: [
            {
              index: 0,
              message: {
                role: 'assistant',
                content: 'Paris',
                tool_calls: [
                  { id: 't1', type: 'function', function: { name: 'look', arguments: '{"x":1}' } },
                ],
              },
              finish_reason: 'tool_calls',
            },
          ],
          usage: {
            prompt_tokens: 18,
            completion_tokens: 4,
            total_tokens: 22,
            prompt_tokens_details: { cached_tokens: 2 },
          },
        },
      },
      error: null,
    });
    expect(written('openai', of(FAILED))).toEqual({
      id: 'batch_req_req_1',
      custom_id: 'order/17',
      response: null,
      error: { code: 'context_too_long', message: 'Input is too long.' },
    });
    expect(written('openai', of({ ...FAILED, status: 'expired' }))).toMatchObject({
      error: { code: 'batch_expired' },
    });
  });

  it('are those of a Bedrock batch, with what was asked', () => {
    const modelInput = { messages: [] };
    expect(written('bedrock', of(SUCCEEDED, { recordId: 'order/17', modelInput }))).toEqual({
      recordId: 'order/17',
      modelInput,
      modelOutput: {
        output: SUCCEEDED.output,
        stopReason: 'tool_use',
        usage: {
          inputTokens: 16,
          outputTokens: 4,
          totalTokens: 20,
          cacheReadInputTokens: 2,
          cacheWriteInputTokens: 0,
        },
        metrics: { latencyMs: 831 },
      },
    });
    expect(written('bedrock', of(FAILED, { modelInput }))).toEqual({
      recordId: 'order/17',
      modelInput,
      error: { errorCode: 400, errorMessage: 'Input is too long.' },
    });
  });

  it('stand beside the cells that asked for them', () => {
    const columns = ['id', 'title'];
    const source = { id: 'order/17', title: 'of "mice", and men' };
    const { head, render } = createResultWriter('csv', columns);
    expect(head).toBe('id,title,status,answer,error,input_tokens,output_tokens,cost_usd\n');
    expect(render(of({ ...SUCCEEDED, content: '=1+1\nso' }, source))).toBe(
      'order/17,"of ""mice"", and men",succeeded,"\'=1+1\nso",,16,4,0.5\n',
    );
    expect(render(of(FAILED, source))).toBe(
      'order/17,"of ""mice"", and men",failed,,Input is too long.,,,\n',
    );
  });

  it('are a table of ids where the input was none', () => {
    const { head, render } = createResultWriter('csv', []);
    expect(head).toBe('custom_id,status,answer,error,input_tokens,output_tokens,cost_usd\n');
    expect(render(of(SUCCEEDED, 'In one word'))).toBe('order/17,succeeded,Paris,,16,4,0.5\n');
  });
});
