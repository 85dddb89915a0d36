import { type Environment, givenEndpoint } from '../../functions/runtime/environment.ts';
import { createAwsJsonCall } from '../../shared/adapters/aws-json-call.ts';
import type { Credentials } from '../../shared/adapters/aws-signing.ts';
import { createServiceQuotasApi, SERVICE_QUOTAS_API } from '../../shared/adapters/service-quotas-api.ts';
import type { Settings } from '../../shared/contract/settings.ts';
import { lookUpQuota } from '../../shared/flows/quota/read-service-quota.ts';
import type { ServiceQuotas } from '../../shared/ports/service-quotas.ts';
import { CREDENTIALS_REMEDY } from '../credentials-remedy.ts';
import { type AskAws, createAskAws } from './ask-aws.ts';
import { checkDeployment } from './check-deployment.ts';
import { checkModels } from './check-models.ts';
import { type Finding, failed, ok, skipped, warning } from './finding.ts';
import { judgeClock } from './judge-clock.ts';
import { judgeIdentity } from './judge-identity.ts';
import { judgeQuota, quotaNotRead } from './judge-quota.ts';

export interface AwsChecks {
  readonly settings: Settings;
  readonly env: Environment;
  readonly credentials: () => Promise<Credentials>;
  readonly nowMs: () => number;
  /** Whether something that was asked for needs AWS. */
  readonly isNeeded: boolean;
  readonly isDeployed: boolean;
  readonly isCalled: boolean;
}

const NONE = 'none on this machine';

const judgeRegion = ({ settings, env }: AwsChecks): Finding => {
  const { aws_region: region } = settings;
  const other = [env.AWS_REGION, env.AWS_DEFAULT_REGION].find((set) => set !== undefined && set !== '');
  return other === undefined || other === region
    ? ok('region', region)
    : warning(
        'region',
        `${region} by the settings; the environment says ${other}`,
        `What is deployed or run goes by the settings; say --context aws_region=${other} if that is what you mean.`,
      );
};

const checkQuotas = ({ models }: Settings, quotas: ServiceQuotas): Promise<readonly Finding[]> =>
  Promise.all(
    Object.entries(models).map(async ([name, pool]) => {
      try {
        return judgeQuota(name, pool, await lookUpQuota(pool.model_id, quotas));
      } catch (error) {
        return quotaNotRead(name, pool, error);
      }
    }),
  );

const quotasOf = ({ settings, env, credentials }: AwsChecks): ServiceQuotas =>
  createServiceQuotasApi(
    createAwsJsonCall({
      ...SERVICE_QUOTAS_API,
      region: settings.aws_region,
      endpoint: givenEndpoint('SERVICE_QUOTAS', env),
      credentials,
    }),
  );

/** Needs no permission. */
export const askIdentity = (ask: AskAws, region: string) =>
  ask({
    service: 'sts',
    region,
    method: 'POST',
    path: '/',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'Action=GetCallerIdentity&Version=2011-06-15',
  });

const hasAny = async ({ credentials }: AwsChecks): Promise<boolean> => {
  try {
    await credentials();
    return true;
  } catch {
    return false;
  }
};

/** Who signs, and what AWS lets them do with what the settings name. */
export const checkAws = async (checks: AwsChecks): Promise<readonly Finding[]> => {
  const { settings, isNeeded, isDeployed, isCalled, nowMs } = checks;
  const { aws_region: region } = settings;
  if (!(await hasAny(checks)))
    return isNeeded
      ? [failed('credentials', NONE, CREDENTIALS_REMEDY)]
      : [skipped('credentials', `${NONE}; only AWS needs them (--model-service aws, deploying)`)];
  const ask = createAskAws(checks);
  const answer = await askIdentity(ask, region);
  const { finding, account } = judgeIdentity(answer, region);
  const clock = answer.kind === 'silent' ? undefined : judgeClock(answer.date, nowMs());
  const own = [finding, judgeRegion(checks), ...(clock === undefined ? [] : [clock])];
  // Everything else would be refused for the same reason.
  if (account === undefined) return own;
  const [quotas, models, deployment] = await Promise.all([
    checkQuotas(settings, quotasOf(checks)),
    checkModels(settings, ask, isCalled),
    isDeployed ? checkDeployment({ settings, account, ask }) : [],
  ]);
  return [...own, ...quotas, ...models, ...deployment];
};
