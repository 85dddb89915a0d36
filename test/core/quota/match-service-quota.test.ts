import { type ListedQuota, matchServiceQuota } from '../../../shared/core/quota/match-service-quota.ts';
import { modelNameOf } from '../../../shared/core/quota/model-name.ts';

const listed = (rows: Readonly<Record<string, number>>): readonly ListedQuota[] =>
  Object.entries(rows).map(([name, value], index) => ({ code: `L-${index}`, name, value }));

/** As AWS writes them, with its own inconsistencies. */
const BEDROCK = listed({
  'On-demand model inference tokens per minute for Amazon Nova Micro': 2_000_000,
  'On-demand model inference requests per minute for Amazon Nova Micro': 1000,
  'Cross-region model inference tokens per minute for Amazon Nova Micro': 4_000_000,
  'Cross-Region model inference tokens per minute for Anthropic Claude Haiku 4.5': 5_000_000,
  'Cross-region model inference tokens per minute for Anthropic Claude Sonnet 4.5 V1': 200_000,
  'Cross-region model inference tokens per minute for Anthropic Claude Sonnet 4.5 V1 1M Context Length': 1_000_000,
  'Cross-region model inference requests per minute for Anthropic Claude Sonnet 4.5 V1': 200,
  'Global cross-region model inference tokens per minute for Anthropic Claude Sonnet 4.5 V1': 500_000,
  'Global cross-region model inference tokens per day for Anthropic Claude Sonnet 4.5 V1': 720_000_000,
  'Model invocation max tokens per day for Anthropic Claude Sonnet 4.5 V1 (doubled for cross-region calls)': 144_000_000,
  'Model invocation max tokens per day for Amazon Nova Micro (doubled for cross-region calls)': 2_880_000_000,
  'On-demand model inference tokens per minute for Anthropic Claude 3.5 Sonnet': 400_000,
  'On-demand model inference tokens per minute for Anthropic Claude 3.5 Sonnet V2': 300_000,
  '[bedrock-mantle endpoint] Input tokens per minute for Anthropic Claude Haiku 4.5': 77,
});

describe('a model id', () => {
  it.each([
    ['us.anthropic.claude-haiku-4-5-20251001-v1:0', 'geographic', 'anthropic claude haiku 4 5'],
    ['global.anthropic.claude-sonnet-4-5-20250929-v1:0', 'global', 'anthropic claude sonnet 4 5'],
    ['anthropic.claude-3-5-sonnet-20241022-v2:0', 'base', 'anthropic claude 3 5 sonnet v2'],
    ['us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0', 'geographic', 'anthropic claude sonnet 4 5'],
    ['amazon.nova-micro-v1:0', 'base', 'amazon nova micro'],
    ['us.amazon.nova-2-lite-v1:0', 'geographic', 'amazon nova 2 lite'],
    ['meta.llama3-1-70b-instruct-v1:0', 'base', 'meta llama 3 1 70 b instruct'],
    [
      'arn:aws:bedrock:us-east-1:123456789012:inference-profile/eu.amazon.nova-micro-v1:0',
      'geographic',
      'amazon nova micro',
    ],
    ['arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-micro-v1:0', 'base', 'amazon nova micro'],
  ])('%s is %s, and the words %s', (id, scope, words) => {
    expect(modelNameOf(id)).toEqual({ scope, words });
  });

  it.each([
    'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123',
    'arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abc123',
    'model-haiku',
  ])('%s tells no model', (id) => {
    expect(modelNameOf(id)).toBeUndefined();
  });
});

describe('the quotas of a model', () => {
  it.each([
    ['us.anthropic.claude-haiku-4-5-20251001-v1:0', { tokens_per_minute: 5_000_000 }],
    [
      'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
      { tokens_per_minute: 200_000, requests_per_minute: 200, tokens_per_day: 288_000_000 },
    ],
    [
      'global.anthropic.claude-sonnet-4-5-20250929-v1:0',
      { tokens_per_minute: 500_000, tokens_per_day: 720_000_000 },
    ],
    [
      'amazon.nova-micro-v1:0',
      { tokens_per_minute: 2_000_000, requests_per_minute: 1000, tokens_per_day: 2_880_000_000 },
    ],
    ['anthropic.claude-3-5-sonnet-20240620-v1:0', { tokens_per_minute: 400_000 }],
    ['anthropic.claude-3-5-sonnet-20241022-v2:0', { tokens_per_minute: 300_000 }],
  ])('%s are found by its name and its kind of inference', (id, quota) => {
    expect(matchServiceQuota(id, BEDROCK)).toMatchObject({ outcome: 'found', quota });
  });

  it('are missing where the kind of inference has none, whatever others have', () => {
    expect(matchServiceQuota('anthropic.claude-haiku-4-5-20251001-v1:0', BEDROCK)).toEqual({
      outcome: 'missing',
      detail:
        'Service Quotas lists no tokens per minute for "anthropic claude haiku 4 5" in this kind of inference.',
    });
  });

  it('are missing where the id tells no model', () => {
    const id = 'arn:aws:bedrock:us-east-1:1:application-inference-profile/abc';

    expect(matchServiceQuota(id, BEDROCK)).toEqual({
      outcome: 'missing',
      detail: `The model id ${id} does not tell its model, as that of an application inference profile: its quota cannot be looked up by name.`,
    });
  });

  it('are ambiguous where two names fit, and then nothing is taken', () => {
    const rows = listed({
      'Cross-region model inference tokens per minute for Amazon Nova Lite': 1,
      'Cross-Region model inference tokens per minute for Amazon Nova Lite V1': 2,
    });

    expect(matchServiceQuota('us.amazon.nova-lite-v1:0', rows)).toEqual({
      outcome: 'ambiguous',
      detail:
        'Service Quotas lists more than one quota for "amazon nova lite": "Cross-region model inference tokens per minute for Amazon Nova Lite" (L-0) = 1, "Cross-Region model inference tokens per minute for Amazon Nova Lite V1" (L-1) = 2.',
    });
  });

  it.each([
    ['tokens per minute', 0],
    ['requests per minute', 0],
  ])('of zero %s are no limit to go by', (what, value) => {
    const rows = listed({
      'Cross-region model inference tokens per minute for Amazon Nova Lite': 1000,
      [`Cross-region model inference ${what} for Amazon Nova Lite`]: value,
    });

    expect(matchServiceQuota('us.amazon.nova-lite-v1:0', rows)).toMatchObject({ outcome: 'zero' });
    expect(matchServiceQuota('us.amazon.nova-lite-v1:0', rows)).not.toHaveProperty('quota');
  });
});
