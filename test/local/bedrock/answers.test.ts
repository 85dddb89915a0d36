import {
  ConverseCommand,
  type ConverseCommandInput,
  type ConverseCommandOutput,
} from '@aws-sdk/client-bedrock-runtime';
import { type Bedrock, startBedrock } from '../../../local/bedrock/start-bedrock.ts';
import { failureOf, haiku, http1Client } from './bedrock-clients.ts';

let bedrock: Bedrock;
let client: ReturnType<typeof http1Client>;
beforeAll(async () => {
  const models = { [haiku]: { tokensPerMinute: 10_000_000, burndown: 5 } };
  bedrock = await startBedrock({ port: 0, models, latencyScale: 0 });
  client = http1Client(bedrock.endpoint);
});
afterAll(() => {
  client.destroy();
  return bedrock.close();
});

const converse = (text: string, more: Partial<ConverseCommandInput> = {}): Promise<ConverseCommandOutput> =>
  client.send(
    new ConverseCommand({ modelId: haiku, messages: [{ role: 'user', content: [{ text }] }], ...more }),
  );

const blocksOf = ({ output }: ConverseCommandOutput) => output?.message?.content;

const tool = (name: string, json: Record<string, never> | object) => ({
  toolSpec: { name, inputSchema: { json: JSON.parse(JSON.stringify(json)) } },
});
const tools = [
  tool('search', { type: 'object', required: ['query'], properties: { query: { type: 'string' } } }),
  tool('clock', { type: 'object' }),
];
const outputConfig = (schema: object) => ({
  textFormat: { type: 'json_schema' as const, structure: { jsonSchema: { schema: JSON.stringify(schema) } } },
});
const guardrailConfig = { guardrailIdentifier: 'g', guardrailVersion: '1' };

describe('tools', () => {
  it.each([
    ['any', { any: {} }, { name: 'search', input: { query: 'text' } }],
    ['one by name', { tool: { name: 'clock' } }, { name: 'clock', input: {} }],
  ])('are called when the request wants %s', async (_which, toolChoice, expected) => {
    const answer = await converse('hello', { toolConfig: { tools, toolChoice } });
    const toolUseId = expect.stringMatching(/^tooluse_[A-Za-z0-9]{22}$/);
    expect(blocksOf(answer)).toEqual([{ toolUse: { ...expected, toolUseId } }]);
    expect(answer.stopReason).toBe('tool_use');
  });

  it('are not called without a wish, and the call has the same id each time', async () => {
    expect((await converse('hello', { toolConfig: { tools } })).stopReason).toBe('end_turn');
    const [first, second] = await Promise.all(
      [1, 2].map(() => converse('[[sim:tool=clock]]', { toolConfig: { tools } })),
    );
    expect(first && blocksOf(first)).toEqual(second && blocksOf(second));
  });

  it('count what they write, and are cut by max tokens', async () => {
    const text = '[[sim:tool=search {"query":"12345678"}]]';
    const whole = await converse(text, { toolConfig: { tools } });
    const cut = await converse(text, { toolConfig: { tools }, inferenceConfig: { maxTokens: 16 } });
    // 10 and a quarter of the 26 bytes of name and input.
    expect(whole.usage?.outputTokens).toBe(17);
    expect(cut).toMatchObject({ stopReason: 'max_tokens', usage: { outputTokens: 16 } });
  });

  it.each([
    ['[[sim:tool=none]]', { tools }, 'The simulator cannot call none'],
    ['[[sim:tool=clock]]', undefined, 'The simulator cannot call clock'],
    ['a', { tools, toolChoice: { tool: { name: 'none' } } }, 'which toolConfig.tools does not have'],
    ['a', { tools: [], toolChoice: { any: {} } }, 'needs at least one tool'],
    ['a', { tools: [{ systemTool: { name: 'x' } }] }, 'must set toolSpec or cachePoint'],
    [
      'a',
      { tools: [tool('x', { type: 'object', not: {} })], toolChoice: { any: {} } },
      'the keyword not is not',
    ],
  ])('that are wrong are a ValidationException: %s %j', async (text, toolConfig, message) => {
    const more = toolConfig === undefined ? {} : { toolConfig: toolConfig };
    const failure = await failureOf(converse(text, more));
    expect(failure).toMatchObject({ name: 'ValidationException', message: expect.stringContaining(message) });
  });
});

describe('JSON', () => {
  const schema = { type: 'object', required: ['n'], properties: { n: { type: 'integer', minimum: 7 } } };

  it('is what a schema asks for', async () => {
    const answer = await converse('hello', { outputConfig: outputConfig(schema) });
    expect(blocksOf(answer)).toEqual([{ text: '{"n":7}' }]);
    expect(answer).toMatchObject({ stopReason: 'end_turn', usage: { outputTokens: 2 } });
  });

  it('is cut by max tokens', async () => {
    const inferenceConfig = { maxTokens: 1 };
    const answer = await converse('hello', { outputConfig: outputConfig(schema), inferenceConfig });
    expect(blocksOf(answer)).toEqual([{ text: '{"n"' }]);
    expect(answer.stopReason).toBe('max_tokens');
  });

  it('that cannot be made is a ValidationException', async () => {
    const failure = await failureOf(
      converse('a', { outputConfig: outputConfig({ type: 'string', pattern: 'x' }) }),
    );
    expect(failure).toMatchObject({
      message: expect.stringContaining('the keyword pattern is not supported'),
    });
  });
});

describe('stop sequences', () => {
  it('end the answer before the first of them', async () => {
    const answer = await converse('[[sim:text=one two three]]', {
      inferenceConfig: { stopSequences: ['three', ' two'] },
      additionalModelResponseFieldPaths: ['/stop_sequence'],
    });
    expect(blocksOf(answer)).toEqual([{ text: 'one' }]);
    expect(answer).toMatchObject({
      stopReason: 'stop_sequence',
      usage: { outputTokens: 2 },
      additionalModelResponseFields: { stop_sequence: ' two' },
    });
  });

  it('that do not come change nothing', async () => {
    const answer = await converse('[[sim:text=one]]', { inferenceConfig: { stopSequences: ['two'] } });
    expect(answer).toMatchObject({ stopReason: 'end_turn' });
    expect(answer).not.toHaveProperty('additionalModelResponseFields');
  });

  it('must not be empty', async () => {
    const failure = await failureOf(converse('a', { inferenceConfig: { stopSequences: ['a', ''] } }));
    expect(failure).toMatchObject({
      message: expect.stringContaining("'inferenceConfig.stopSequences.2.member'"),
    });
  });
});

describe('stop reasons', () => {
  it.each(['content_filtered', 'model_context_window_exceeded', 'malformed_tool_use'])(
    'come by directive: %s',
    async (reason) => {
      expect((await converse(`[[sim:stop=${reason}]]`)).stopReason).toBe(reason);
    },
  );

  it('come from a guardrail only where the request names one', async () => {
    const text = '[[sim:stop=guardrail_intervened]]';
    expect((await converse(text, { guardrailConfig })).stopReason).toBe('guardrail_intervened');
    expect(await failureOf(converse(text))).toMatchObject({ name: 'ValidationException' });
    expect((await converse('a', { guardrailConfig })).stopReason).toBe('end_turn');
  });
});
