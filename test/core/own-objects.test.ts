import { ownObjectFaults } from '../../shared/core/own-objects.ts';
import { validateEnvelope } from '../../shared/core/validate-envelope.ts';
import { settingsOf } from './samples.ts';

const NOON_MS = Date.UTC(2026, 0, 31, 12);
const OURS = 's3://smoother-bedrock-calls-123456789012-us-east-1/results/haiku/2026/01/31/12/seg.jsonl';

const imageAt = (uri: string) => ({ image: { format: 'png', source: { s3Location: { uri } } } });

const faultsOf = (body: unknown) => {
  const validation = validateEnvelope(body, { settings: settingsOf({}), nowMs: NOON_MS });
  return validation.ok ? [] : validation.faults;
};

describe('an object that a request has Bedrock read', () => {
  it.each([
    [
      'converse',
      { converse: { messages: [{ role: 'user', content: [imageAt(OURS)] }] } },
      '/converse/messages',
    ],
    ['the short form', { messages: [{ role: 'user', content: [imageAt(OURS)] }] }, '/messages'],
  ])('is not another tenant’s, in %s', (_, body, at) => {
    expect(faultsOf(body)).toEqual([
      {
        pointer: `${at}/0/content/0/image/source/s3Location/uri`,
        code: 'invalid_value',
        detail: 'must not be an object of the pipeline’s own bucket; name one of yours',
      },
    ]);
  });

  it('is not another tenant’s, in a body of InvokeModel', () => {
    const faults = faultsOf({
      model: 'haiku',
      invoke_model: { messages: [{ content: [{ video: { source: { s3Location: { uri: OURS } } } }] }] },
    });
    expect(faults.map(({ pointer }) => pointer)).toEqual([
      '/invoke_model/messages/0/content/0/video/source/s3Location/uri',
    ]);
  });

  it.each([
    's3://smoother-bedrock-calls/inputs/haiku/req.json',
    's3://smoother-prod-eu-bedrock-calls-123456789012-eu-west-1/x',
    'S3://SMOOTHER-bedrock-calls-123456789012-us-east-1/x',
    ' s3://smoother-bedrock-calls',
  ])('%j is ours', (s3Uri) => {
    expect(ownObjectFaults({ invoke_model: { mediaSource: { s3Uri } } })).toHaveLength(1);
  });

  it.each([
    's3://my-own-bucket/x.png',
    's3://smoother-photos/x.png',
    's3://bedrock-calls/x',
    's3://a/smoother-bedrock-calls/x',
  ])('%j is not', (s3Uri) => {
    expect(ownObjectFaults({ invoke_model: { mediaSource: { s3Uri } } })).toEqual([]);
  });

  it('may be spoken of', () => {
    expect(faultsOf({ prompt: `What is ${OURS}?` })).toEqual([]);
  });

  it('is looked for no deeper than a request may be', () => {
    let deep: unknown = { uri: OURS };
    for (let level = 0; level < 20_000; level += 1) deep = [deep];
    expect(ownObjectFaults({ converse: deep })).toEqual([]);
  });
});
