import { modelBehindProfile } from '../shared/core/targets/base-model.ts';
import { partitionOf } from './partition.ts';
import { allow, type Statement } from './policy.ts';
import { toTemplateText } from './template-text.ts';

export interface CalledModel {
  readonly modelId: string;
  /** In which it is called. */
  readonly region: string;
}

/** What is called, and through which profile, where it is one. */
interface Called {
  readonly arn: string;
  /** Reached through the profile only. */
  readonly behind?: string;
}

const APPLICATION_PROFILE_ARN = /^arn:[^:]+:bedrock:[^:]+:\d+:application-inference-profile\//;
const PROFILE_ARN = /^arn:[^:]+:bedrock:[^:]+:\d+:inference-profile\/(.+)$/;

/** Only an application profile itself knows the model behind it. */
const ANY_MODEL = '*';

const calledOf = ({ modelId: configured, region }: CalledModel, account: string): Called => {
  const modelId = toTemplateText(configured);
  const bedrock = `arn:${partitionOf(region).name}:bedrock`;
  const inAnyRegion = (model: string): string => `${bedrock}:*::foundation-model/${model}`;

  if (APPLICATION_PROFILE_ARN.test(modelId)) return { arn: modelId, behind: inAnyRegion(ANY_MODEL) };
  const profile = PROFILE_ARN.exec(modelId)?.[1];
  if (profile !== undefined)
    return { arn: modelId, behind: inAnyRegion(modelBehindProfile(profile) ?? profile) };
  if (modelId.startsWith('arn:')) return { arn: modelId };
  const model = modelBehindProfile(modelId);
  return model === undefined
    ? { arn: `${bedrock}:${region}::foundation-model/${modelId}` }
    : { arn: `${bedrock}:${region}:${account}:inference-profile/${modelId}`, behind: inAnyRegion(model) };
};

/** Answers that may take minutes are read while they are written. */
const invoke = (arns: readonly string[]): Statement =>
  allow(['bedrock:InvokeModel', 'bedrock:InvokeModelWithResponseStream'], [...new Set(arns)]);

const through = (called: readonly Called[]): readonly Statement[] =>
  called.length === 0
    ? []
    : [
        {
          ...invoke(called.flatMap(({ behind }) => behind ?? [])),
          Condition: {
            StringEquals: { 'bedrock:InferenceProfileArn': [...new Set(called.map(({ arn }) => arn))] },
          },
        },
      ];

/**
 * Leave to call these models, and no others. The service checks a call of a profile with the profile *and* with the model
 * behind it, in whichever region it chose: https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-prereq.html
 */
export const invokeModels = (models: readonly CalledModel[], account: string): readonly Statement[] => {
  const called = models.map((model) => calledOf(model, account));
  const profiles = called.filter(({ behind }) => behind !== undefined);
  // Of a list no profile leads to a model of another; of any model it would.
  const isOfAny = ({ behind }: Called): boolean => behind?.endsWith(`/${ANY_MODEL}`) === true;
  return [
    ...(called.length === 0 ? [] : [invoke(called.map(({ arn }) => arn))]),
    ...through(profiles.filter((profile) => !isOfAny(profile))),
    ...through(profiles.filter(isOfAny)),
  ];
};
