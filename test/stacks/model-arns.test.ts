import { invokeModels } from '../../stacks/model-arns.ts';
import { ref } from './harness.ts';

const ACCOUNT = '111122223333';
const REGION = 'us-west-2';
const ACTIONS = ['bedrock:InvokeModel', 'bedrock:InvokeModelWithResponseStream'];
const HAIKU = 'anthropic.claude-haiku-4-5-20251001-v1:0';

const invoke = (...resources: string[]) => ({ Effect: 'Allow', Action: ACTIONS, Resource: resources });

const through = (profiles: readonly string[], ...resources: string[]) => ({
  ...invoke(...resources),
  Condition: { StringEquals: { 'bedrock:InferenceProfileArn': profiles } },
});

const allowed = (...modelIds: string[]) =>
  invokeModels(
    modelIds.map((modelId) => ({ modelId, region: REGION })),
    ACCOUNT,
  );

describe('invokeModels', () => {
  it('allows a model in its region only', () => {
    expect(allowed('amazon.nova-lite-v1:0')).toEqual([
      invoke('arn:aws:bedrock:us-west-2::foundation-model/amazon.nova-lite-v1:0'),
    ]);
  });

  it.each(['us', 'eu', 'apac', 'jp', 'au', 'ca', 'global', 'us-gov'])(
    'allows the profile of the geography %s and the model behind it in any region, through that profile only',
    (geography) => {
      const profile = `arn:aws:bedrock:us-west-2:111122223333:inference-profile/${geography}.${HAIKU}`;

      expect(allowed(`${geography}.${HAIKU}`)).toEqual([
        invoke(profile),
        through([profile], `arn:aws:bedrock:*::foundation-model/${HAIKU}`),
      ]);
    },
  );

  it.each(['zai.glm-4.6', 'meta.llama3-1-8b-instruct-v1:0', 'ai21.jamba-1-5-mini-v1:0', 'deepseek.v3.2'])(
    'takes %s for a model and not for a profile',
    (modelId) => {
      expect(allowed(modelId)).toEqual([invoke(`arn:aws:bedrock:us-west-2::foundation-model/${modelId}`)]);
    },
  );

  it('allows the model behind a profile that is named by its ARN', () => {
    const arn = 'arn:aws:bedrock:us-west-2:111122223333:inference-profile/us.amazon.nova-pro-v1:0';

    expect(allowed(arn)).toEqual([
      invoke(arn),
      through([arn], 'arn:aws:bedrock:*::foundation-model/amazon.nova-pro-v1:0'),
    ]);
  });

  it('allows any model behind an application profile, through that profile only', () => {
    const arn = 'arn:aws:bedrock:us-west-2:111122223333:application-inference-profile/abc123';
    const profile = `arn:aws:bedrock:us-west-2:111122223333:inference-profile/us.${HAIKU}`;

    expect(allowed(arn, `us.${HAIKU}`)).toEqual([
      invoke(arn, profile),
      through([profile], `arn:aws:bedrock:*::foundation-model/${HAIKU}`),
      through([arn], 'arn:aws:bedrock:*::foundation-model/*'),
    ]);
  });

  it('allows any other ARN as it is', () => {
    const arn = 'arn:aws:bedrock:us-west-2:111122223333:provisioned-model/abc123';

    expect(allowed(arn)).toEqual([invoke(arn)]);
  });

  it('allows every model of several, each once', () => {
    expect(allowed('amazon.a', 'amazon.b', 'amazon.a')).toEqual([
      invoke(
        'arn:aws:bedrock:us-west-2::foundation-model/amazon.a',
        'arn:aws:bedrock:us-west-2::foundation-model/amazon.b',
      ),
    ]);
  });

  it('names the partition of the region', () => {
    const profile = 'arn:aws-us-gov:bedrock:us-gov-west-1:111122223333:inference-profile/us-gov.amazon.a';

    expect(invokeModels([{ modelId: 'us-gov.amazon.a', region: 'us-gov-west-1' }], ACCOUNT)).toEqual([
      invoke(profile),
      through([profile], 'arn:aws-us-gov:bedrock:*::foundation-model/amazon.a'),
    ]);
  });

  it('lets Terraform see no expression in a name', () => {
    expect(allowed(`amazon.${ref('path.root')}`)).toEqual([
      invoke(`arn:aws:bedrock:us-west-2::foundation-model/amazon.$${ref('path.root')}`),
    ]);
  });
});
