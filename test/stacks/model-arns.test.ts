import { invokeModels } from '../../stacks/model-arns.ts';
import { ref } from './harness.ts';

const PLACE = { region: 'us-west-2', account: '111122223333' };

const invoke = (...resources: string[]) => ({
  Effect: 'Allow',
  Action: ['bedrock:InvokeModel', 'bedrock:InvokeModelWithResponseStream'],
  Resource: resources,
});

describe('invokeModels', () => {
  it('allows a model in its region only', () => {
    expect(invokeModels(['amazon.nova-lite-v1:0'], PLACE)).toEqual([
      invoke('arn:aws:bedrock:us-west-2::foundation-model/amazon.nova-lite-v1:0'),
    ]);
  });

  it.each(['us', 'eu', 'apac', 'jp', 'au', 'ca', 'global', 'us-gov'])(
    'allows the profile of the geography %s and the model behind it in any region',
    (geography) => {
      expect(invokeModels([`${geography}.anthropic.claude-haiku-4-5-20251001-v1:0`], PLACE)).toEqual([
        invoke(
          `arn:aws:bedrock:us-west-2:111122223333:inference-profile/${geography}.anthropic.claude-haiku-4-5-20251001-v1:0`,
          'arn:aws:bedrock:*::foundation-model/anthropic.claude-haiku-4-5-20251001-v1:0',
        ),
      ]);
    },
  );

  it.each(['zai.glm-4.6', 'meta.llama3-1-8b-instruct-v1:0', 'ai21.jamba-1-5-mini-v1:0', 'deepseek.v3.2'])(
    'takes %s for a model and not for a profile',
    (modelId) => {
      expect(invokeModels([modelId], PLACE)).toEqual([
        invoke(`arn:aws:bedrock:us-west-2::foundation-model/${modelId}`),
      ]);
    },
  );

  it('allows the model behind a profile that is named by its ARN', () => {
    const arn = 'arn:aws:bedrock:us-west-2:111122223333:inference-profile/us.amazon.nova-pro-v1:0';

    expect(invokeModels([arn], PLACE)).toEqual([
      invoke(arn, 'arn:aws:bedrock:*::foundation-model/amazon.nova-pro-v1:0'),
    ]);
  });

  it('allows any model behind an application profile, through that profile only', () => {
    const arn = 'arn:aws:bedrock:us-west-2:111122223333:application-inference-profile/abc123';

    expect(invokeModels([arn], PLACE)).toEqual([
      invoke(arn),
      {
        ...invoke('arn:aws:bedrock:*::foundation-model/*'),
        Condition: { StringEquals: { 'bedrock:InferenceProfileArn': arn } },
      },
    ]);
  });

  it('allows any other ARN as it is', () => {
    const arn = 'arn:aws:bedrock:us-west-2:111122223333:provisioned-model/abc123';

    expect(invokeModels([arn], PLACE)).toEqual([invoke(arn)]);
  });

  it('allows every model of several', () => {
    expect(invokeModels(['amazon.a', 'amazon.b'], PLACE)).toHaveLength(2);
  });

  it('names the partition of the region', () => {
    expect(invokeModels(['us-gov.amazon.a'], { ...PLACE, region: 'us-gov-west-1' })).toEqual([
      invoke(
        'arn:aws-us-gov:bedrock:us-gov-west-1:111122223333:inference-profile/us-gov.amazon.a',
        'arn:aws-us-gov:bedrock:*::foundation-model/amazon.a',
      ),
    ]);
  });

  it('lets Terraform see no expression in a name', () => {
    expect(invokeModels([`amazon.${ref('path.root')}`], PLACE)).toEqual([
      invoke(`arn:aws:bedrock:us-west-2::foundation-model/amazon.$${ref('path.root')}`),
    ]);
  });
});
