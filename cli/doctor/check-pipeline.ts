import { API_VERSION } from '../../shared/contract/openapi.ts';
import type { PoolQuota } from '../../shared/contract/quota-view.ts';
import type { ApiAnswer, ApiCall, ApiClient } from '../api-client.ts';
import { adviceOf } from '../remote/render-views.ts';
import { type Finding, failed, ok, warning } from './finding.ts';
import { judgeClock } from './judge-clock.ts';

/** A function that starts cold takes some seconds. */
const PATIENCE_MS = 10_000;

export interface PipelineChecks {
  readonly api: ApiClient;
  readonly nowMs: () => number;
  readonly patienceMs?: number;
}

type Patient = ApiClient & { readonly patienceMs: number };

type Looked<T> = ApiAnswer<T> | { readonly kind: 'silent'; readonly reason: string };

const look = async <T>(api: Patient, call: Omit<ApiCall, 'signal'>): Promise<Looked<T>> => {
  try {
    return await api.call<T>({ ...call, signal: AbortSignal.timeout(api.patienceMs) });
  } catch (error) {
    const { name, message } = error as Error;
    const reason =
      name === 'TimeoutError' ? `${api.endpoint} says nothing for ${api.patienceMs / 1000} s.` : message;
    return { kind: 'silent', reason };
  }
};

const told = (answer: Exclude<Looked<unknown>, { kind: 'answered' }>): string =>
  answer.kind === 'silent' ? answer.reason : `${answer.status} ${answer.problem.detail}`;

/** Smaller numbers of the same kind fit; while the first is 0, the second tells the kind. */
const kindOf = (version: string): string => {
  const [major, minor] = version.split('.');
  return major === '0' ? `0.${minor}` : String(major);
};

const checkVersion = async (api: Patient): Promise<Finding> => {
  const answer = await look<{ readonly info?: { readonly version?: string } }>(api, {
    method: 'GET',
    path: '/openapi.json',
  });
  const version = answer.kind === 'answered' ? answer.value.info?.version : undefined;
  if (version === undefined)
    return warning(
      'version',
      'The API does not tell its version.',
      'See that the endpoint is that of the API, with no path.',
    );
  const both = `the API is ${version}, this command ${API_VERSION}`;
  return kindOf(version) === kindOf(API_VERSION)
    ? ok('version', both)
    : warning('version', both, 'Install the command that belongs to the deployment, or deploy anew.');
};

/** What each right is known by; none of it changes or queues anything. */
const PROBES = [
  { right: 'read', call: { method: 'GET', path: '/v1/quota' } },
  {
    right: 'submit',
    call: {
      method: 'POST',
      path: '/v1/requests/estimate',
      json: { requests: [{ prompt: 'x', max_tokens: 1 }] },
    },
  },
  { right: 'admin', call: { method: 'GET', path: '/v1/controls' } },
] as const;

const checkRights = async (api: Patient): Promise<Finding> => {
  const answers = await Promise.all(
    PROBES.map(async ({ right, call }) => ({ right, answer: await look<unknown>(api, call) })),
  );
  const allowed = answers.filter(({ answer }) => answer.kind === 'answered').map(({ right }) => right);
  const refused = answers.find(({ answer }) => answer.kind !== 'answered')?.answer;
  if (refused === undefined || refused.kind === 'answered') return ok('rights', 'read, submit and admin');
  if (allowed.length > 0) return ok('rights', `${allowed.join(' and ')}; not the rest: ${told(refused)}`);
  return failed(
    'rights',
    told(refused),
    'Give a key (SMOOTHER_API_KEY, or api_key of the profile), or sign calls with --auth iam, as the pipeline asks for.',
  );
};

const checkStores = async (api: Patient): Promise<Finding> => {
  const answer = await look<{ readonly checks?: Readonly<Record<string, string>> }>(api, {
    method: 'GET',
    path: '/health?deep=1',
  });
  if (answer.kind === 'answered')
    return ok('stores', `${Object.keys(answer.value.checks ?? {}).join(' and ')} answer`);
  if (answer.kind === 'refused' && (answer.status === 401 || answer.status === 403))
    return warning('stores', 'Only who may read can ask for them.', 'See the rights.');
  return failed('stores', told(answer), 'See the logs of the query function, and docs/operations.md.');
};

const stateOf = (quota: PoolQuota): Finding => {
  const check = `pool ${quota.pool}`;
  const { high, normal, low } = quota.waiting;
  const found = `${quota.state}, ${quota.concurrency.in_flight} running, ${high + normal + low} waiting`;
  if (quota.paused_by_operator)
    return warning(
      check,
      `${found}; an operator has paused it`,
      `\`smoother resume --pool ${quota.pool} --reason …\``,
    );
  const [advice] = adviceOf(quota);
  return advice === undefined ? ok(check, found) : warning(check, found, advice);
};

const checkPools = async (api: Patient): Promise<readonly Finding[]> => {
  const answer = await look<{ readonly pools: readonly PoolQuota[] }>(api, {
    method: 'GET',
    path: '/v1/quota',
  });
  return answer.kind === 'answered' ? answer.value.pools.map(stateOf) : [];
};

/** A pipeline that runs, as its callers see it. */
export const checkPipeline = async (checks: PipelineChecks): Promise<readonly Finding[]> => {
  const { nowMs, patienceMs = PATIENCE_MS } = checks;
  const api = { ...checks.api, patienceMs };
  const health = await look<unknown>(api, { method: 'GET', path: '/health' });
  if (health.kind === 'silent')
    return [
      failed(
        'endpoint',
        health.reason,
        'Check the address, the network, and that it is deployed or started.',
      ),
    ];
  const clock = health.kind === 'answered' ? judgeClock(health.headers.get('date'), nowMs()) : undefined;
  const endpoint =
    health.kind === 'answered'
      ? ok('endpoint', `${api.endpoint} answers`)
      : // A gateway may ask for signatures before anything is told.
        warning('endpoint', `${api.endpoint}: ${told(health)}`, 'See the rights.');
  return [
    endpoint,
    ...(clock === undefined ? [] : [clock]),
    ...(await Promise.all([checkVersion(api), checkRights(api), checkStores(api)])),
    ...(await checkPools(api)),
  ];
};
