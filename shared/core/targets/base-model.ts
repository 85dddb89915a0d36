/** `us.anthropic.…`, `global.anthropic.…`: a system inference profile is a geography and the model's own id. */
const PROFILE_ID = /^(?:[a-z]{2}|us-gov|apac|global)\.(.+)$/;

const IN_ARN = /^arn:[^:]+:bedrock:[^:]*:\d*:(?:foundation-model|inference-profile)\/(.+)$/;

/** The model behind a system inference profile; nothing when it is no such profile. */
export const modelBehindProfile = (profileId: string): string | undefined => PROFILE_ID.exec(profileId)?.[1];

/**
 * The model itself, whichever profile or ARN it is called by. Only Bedrock knows what is behind an application profile:
 * that is no model but itself.
 */
export const baseModelOf = (modelId: string): string => {
  const id = IN_ARN.exec(modelId)?.[1] ?? modelId;
  return modelBehindProfile(id) ?? id;
};
