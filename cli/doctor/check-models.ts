import { z } from 'zod';
import type { Settings } from '../../shared/contract/settings.ts';
import { modelNameOf } from '../../shared/core/quota/model-name.ts';
import type { AskAws, AwsAnswer } from './ask-aws.ts';
import { type Finding, failed, ok, warning } from './finding.ts';

export interface AskedModel {
  readonly modelId: string;
  readonly region: string;
}

/** Every model that the settings can call, once for each region. Targets at an address of their own are theirs to know. */
export const modelsOf = ({ models, aws_region: home }: Settings): readonly AskedModel[] => {
  const all = Object.values(models).flatMap(({ model_id: modelId, targets = [] }) => [
    { modelId, region: home },
    ...targets
      .filter(({ endpoint }) => endpoint === undefined)
      .map(({ model_id: id, region = home }) => ({ modelId: id, region })),
  ]);
  return [...new Map(all.map((model) => [`${model.modelId} ${model.region}`, model])).values()];
};

const checkOf = ({ modelId, region }: AskedModel): string =>
  `model ${modelId.replace(/^arn:.*\//, '')} (${region})`;

const CALL_TELLS = '`smoother doctor --call` finds out by a call of one token.';

type Refused = Exclude<AwsAnswer, { kind: 'answered' }>;

const notTold = (check: string, answer: Refused, action: string): Finding => {
  if (answer.kind === 'silent')
    return failed(
      check,
      `Bedrock cannot be reached: ${answer.reason}.`,
      'Check the region of the model and the network.',
    );
  if (
    answer.status === 404 ||
    answer.fault === 'ResourceNotFoundException' ||
    answer.fault === 'ValidationException'
  )
    return failed(
      check,
      `Bedrock knows no such model in this region: ${answer.message || answer.fault}`,
      'Check `model_id` and the region; many models are called by an inference profile, such as us.anthropic.….',
    );
  return warning(
    check,
    `not known: ${answer.fault}. ${answer.message}`.trim(),
    `Allow ${action}, or: ${CALL_TELLS}`,
  );
};

const profileSchema = z.object({
  status: z.string(),
  models: z.array(z.object({ modelArn: z.string().optional() })).min(1),
});

const availabilitySchema = z.object({
  agreementAvailability: z.object({ status: z.string() }),
  authorizationStatus: z.string(),
  entitlementAvailability: z.string(),
  regionAvailability: z.string(),
});

const parse = <T>(schema: z.ZodType<T>, text: string): T | undefined => {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
};

const NO_BEDROCK = (check: string): Finding =>
  failed(check, 'What answers as Bedrock is something else.', 'Check AWS_ENDPOINT_URL_BEDROCK and proxies.');

/** What is in the way of a model, by GetFoundationModelAvailability. */
const judgeAvailability = (check: string, text: string, isProfile: boolean): Finding => {
  const told = parse(availabilitySchema, text);
  if (told === undefined) return NO_BEDROCK(check);
  if (told.authorizationStatus !== 'AUTHORIZED')
    return failed(
      check,
      'The account may not use it.',
      'See that no policy of the organization denies it, and ask for access in the console of Bedrock.',
    );
  // A profile sends calls to regions of its own.
  if (told.regionAvailability !== 'AVAILABLE' && !isProfile)
    return failed(check, 'It is not there in this region.', 'Use an inference profile, or another region.');
  if (told.entitlementAvailability !== 'AVAILABLE')
    return failed(
      check,
      'The account has no access to it.',
      'Ask for access in the console of Bedrock (Model catalog).',
    );
  if (told.agreementAvailability.status !== 'AVAILABLE')
    return warning(
      check,
      `Its terms are not agreed to (${told.agreementAvailability.status}).`,
      `Agree in the console of Bedrock (Model catalog), or let somebody who may subscribe call it once. ${CALL_TELLS}`,
    );
  return ok(check, 'may be called');
};

const idIn = (arn: string): string => arn.replace(/^.*foundation-model\//, '');

const askAvailability = async (model: AskedModel, baseId: string, ask: AskAws): Promise<Finding> => {
  const check = checkOf(model);
  const answer = await ask({
    service: 'bedrock',
    region: model.region,
    method: 'GET',
    path: `/foundation-model-availability/${encodeURIComponent(baseId)}`,
  });
  return answer.kind === 'answered'
    ? judgeAvailability(check, answer.text, baseId !== idIn(model.modelId))
    : notTold(check, answer, 'bedrock:GetFoundationModelAvailability');
};

const isProfile = ({ modelId }: AskedModel): boolean =>
  modelId.includes('inference-profile/') || (modelNameOf(modelId)?.scope ?? 'base') !== 'base';

/** Asks what is free to ask. */
const checkAccess = async (model: AskedModel, ask: AskAws): Promise<Finding> => {
  if (!isProfile(model)) return askAvailability(model, idIn(model.modelId), ask);
  const check = checkOf(model);
  const answer = await ask({
    service: 'bedrock',
    region: model.region,
    method: 'GET',
    path: `/inference-profiles/${encodeURIComponent(model.modelId)}`,
  });
  if (answer.kind !== 'answered') return notTold(check, answer, 'bedrock:GetInferenceProfile');
  const profile = parse(profileSchema, answer.text);
  const arn = profile?.models.find(({ modelArn }) => modelArn !== undefined)?.modelArn;
  if (profile === undefined || arn === undefined) return NO_BEDROCK(check);
  if (profile.status !== 'ACTIVE')
    return failed(check, `The inference profile is ${profile.status}.`, 'Use another, or make it anew.');
  return askAvailability(model, idIn(arn), ask);
};

const ONE_TOKEN = JSON.stringify({
  messages: [{ role: 'user', content: [{ text: 'Hi' }] }],
  inferenceConfig: { maxTokens: 1 },
});

/** The one proof: a call, which is paid for. */
const checkByCall = async (model: AskedModel, ask: AskAws): Promise<Finding> => {
  const check = checkOf(model);
  const answer = await ask({
    service: 'bedrockRuntime',
    region: model.region,
    method: 'POST',
    path: `/model/${encodeURIComponent(model.modelId)}/converse`,
    headers: { 'content-type': 'application/json' },
    body: ONE_TOKEN,
  });
  if (answer.kind === 'answered') return ok(check, 'has answered a call of one token');
  if (answer.kind === 'refused' && answer.status === 429)
    return warning(
      check,
      `is there, and throttles: ${answer.message}`,
      'Others use its quota now; see the quota above.',
    );
  if (answer.kind === 'refused' && answer.status === 403)
    return failed(
      check,
      `may not be called: ${answer.message || answer.fault}`,
      'Allow bedrock:InvokeModel on the model and, where it is one, on the inference profile; where the message speaks of access to the model, ask for that in the console of Bedrock.',
    );
  return notTold(check, answer, 'bedrock:InvokeModel');
};

export const checkModels = (
  settings: Settings,
  ask: AskAws,
  isCalled: boolean,
): Promise<readonly Finding[]> =>
  Promise.all(modelsOf(settings).map((model) => (isCalled ? checkByCall : checkAccess)(model, ask)));
