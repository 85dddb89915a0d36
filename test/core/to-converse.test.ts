import type { Envelope } from '../../shared/contract/envelope.ts';
import { holdRequest } from '../../shared/core/hold-request.ts';
import { toConverse } from '../../shared/core/to-converse.ts';
import { validateEnvelope } from '../../shared/core/validate-envelope.ts';
import { NOON_MS, REQUEST_ID, settingsOf } from './samples.ts';

const short = (fields: Partial<Envelope>): Envelope => ({ priority: 'normal', ...fields });

describe('the short form as a Converse request', () => {
  it('of a prompt is one message', () => {
    expect(toConverse(short({ prompt: 'hello' }), 10)).toEqual({
      messages: [{ role: 'user', content: [{ text: 'hello' }] }],
      inferenceConfig: { maxTokens: 10 },
    });
  });

  it('has every option in its place', () => {
    const envelope = short({
      messages: [
        { role: 'user', content: 'hello' },
        { role: 'assistant', content: [{ text: 'hi' }] },
        { role: 'user', content: 'bye' },
      ],
      system: 'be brief',
      temperature: 0,
      top_p: 0.5,
      max_tokens: 7,
      stop_sequences: ['END'],
      service_tier: 'flex',
    });

    expect(toConverse(envelope, 7)).toEqual({
      messages: [
        { role: 'user', content: [{ text: 'hello' }] },
        { role: 'assistant', content: [{ text: 'hi' }] },
        { role: 'user', content: [{ text: 'bye' }] },
      ],
      system: [{ text: 'be brief' }],
      inferenceConfig: { maxTokens: 7, temperature: 0, topP: 0.5, stopSequences: ['END'] },
      serviceTier: { type: 'flex' },
    });
  });
});

describe('a Converse request', () => {
  it('stays as it is, with `maxTokens` filled in', () => {
    const converse = {
      messages: [{ role: 'user' as const, content: [{ text: 'hello' }] }],
      toolConfig: { tools: [] },
      inferenceConfig: { temperature: 0.2 },
    };

    expect(toConverse(short({ converse }), 1024)).toEqual({
      messages: [{ role: 'user', content: [{ text: 'hello' }] }],
      toolConfig: { tools: [] },
      inferenceConfig: { temperature: 0.2, maxTokens: 1024 },
    });
    expect(converse.inferenceConfig).toEqual({ temperature: 0.2 });
  });
});

describe('a request that is accepted', () => {
  it('becomes a state item and a lane message', () => {
    const validation = validateEnvelope(
      { prompt: 'hello', custom_id: 'a-1', tenant: 'acme', priority: 'low', metadata: { k: 'v' } },
      { settings: settingsOf({}), nowMs: NOON_MS },
    );
    if (!validation.ok) throw new Error('the request is valid');

    expect(
      holdRequest(
        { requestId: REQUEST_ID, fingerprint: 'fingerprint', acceptedAtMs: NOON_MS },
        validation.valid,
      ),
    ).toEqual({
      item: {
        requestId: REQUEST_ID,
        customId: 'a-1',
        tenant: 'acme',
        tenantAsserted: true,
        pool: 'haiku',
        priority: 'low',
        status: 'queued',
        fingerprint: 'fingerprint',
        acceptedAtMs: 1_769_860_800_000,
        expiresAtMs: 1_770_292_800_000,
        claims: 0,
        attempts: 0,
        serviceFaults: 0,
        crashes: 0,
        suspectCrashes: 0,
        attemptLog: [],
      },
      held: {
        request_id: REQUEST_ID,
        custom_id: 'a-1',
        tenant: 'acme',
        tenant_asserted: true,
        pool: 'haiku',
        priority: 'low',
        accepted_at_ms: 1_769_860_800_000,
        expires_at_ms: 1_770_292_800_000,
        max_tokens: 1024,
        input_tokens_estimate: 8,
        converse: {
          messages: [{ role: 'user', content: [{ text: 'hello' }] }],
          inferenceConfig: { maxTokens: 1024 },
        },
        metadata: { k: 'v' },
      },
    });
  });
});
