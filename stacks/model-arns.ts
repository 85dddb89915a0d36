import { modelBehindProfile } from '../shared/core/targets/base-model.ts';
import { partitionOf } from './partition.ts';
import { allow, type Statement } from './policy.ts';
import { toTemplateText } from './template-text.ts';

export interface ModelPlace {
  readonly region: string;
  readonly account: string;
}

const APPLICATION_PROFILE_ARN = /^arn:[^:]+:bedrock:[^:]+:\d+:application-inference-profile\//;
const PROFILE_ARN = /^arn:[^:]+:bedrock:[^:]+:\d+:inference-profile\/(.+)$/;

const baseModelOf = (profileId: string): string => modelBehindProfile(profileId) ?? profileId;

/** Answers that may take minutes are read while they are written. */
const invoke = (resources: readonly string[]): Statement =>
  allow(['bedrock:InvokeModel', 'bedrock:InvokeModelWithResponseStream'], resources);

/**
 * What a function needs to call a model, which the service checks with the profile *and* with the model behind it,
 * in whichever region it chose: https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-prereq.html
 */
const statementsOf = (modelId: string, { region, account }: ModelPlace): readonly Statement[] => {
  const partition = partitionOf(region).name;
  const inAnyRegion = (model: string): string => `arn:${partition}:bedrock:*::foundation-model/${model}`;

  // Only the profile itself knows the model behind it: any, but through this profile alone.
  if (APPLICATION_PROFILE_ARN.test(modelId))
    return [
      invoke([modelId]),
      {
        ...invoke([inAnyRegion('*')]),
        Condition: { StringEquals: { 'bedrock:InferenceProfileArn': modelId } },
      },
    ];
  const profileInArn = PROFILE_ARN.exec(modelId)?.[1];
  if (profileInArn !== undefined) return [invoke([modelId, inAnyRegion(baseModelOf(profileInArn))])];
  if (modelId.startsWith('arn:')) return [invoke([modelId])];
  const baseModel = modelBehindProfile(modelId);
  return baseModel === undefined
    ? [invoke([`arn:${partition}:bedrock:${region}::foundation-model/${modelId}`])]
    : [
        invoke([
          `arn:${partition}:bedrock:${region}:${account}:inference-profile/${modelId}`,
          inAnyRegion(baseModel),
        ]),
      ];
};

/** Leave to call these models in that region, and no others. */
export const invokeModels = (modelIds: readonly string[], place: ModelPlace): readonly Statement[] =>
  modelIds.flatMap((modelId) => statementsOf(toTemplateText(modelId), place));
