import { modelNameOf } from '../../shared/core/quota/model-name.ts';
import type { LiveModel } from './live-model.ts';
import type { Service } from './service.ts';
import type { QuotaName } from './simulated-model.ts';
import { calledRegion } from './wire/called-region.ts';
import { jsonResponse } from './wire/http-answers.ts';
import type { Exchange } from './wire/one-port-server.ts';

const TARGET = /^ServiceQuotasV20190624\.(.+)$/;
const maxBodyBytes = 10_000;
const mostResults = 100;

interface ListedQuota {
  readonly QuotaCode: string;
  readonly QuotaName: string;
  readonly Value: number;
}

type Scope = NonNullable<ReturnType<typeof modelNameOf>>['scope'];

const inference: Readonly<Record<Scope, string>> = {
  global: 'Global cross-region model inference',
  geographic: 'Cross-region model inference',
  base: 'On-demand model inference',
};

export const isServiceQuotasCall = ({ method, header }: Exchange): boolean =>
  method === 'POST' && TARGET.test(header('x-amz-target') ?? '');

/** `anthropic claude haiku 4 5` → `Anthropic Claude Haiku 4.5` */
const toTitle = (words: string): string =>
  words.replace(/(?<=\b\d+) (?=\d)/g, '.').replace(/\b[a-z]/g, (letter) => letter.toUpperCase());

function quotasOf(model: LiveModel): readonly (readonly [string, number])[] {
  const name = modelNameOf(model.id.replace(/@.*/, ''));
  if (name === undefined) return [];
  const title = toTitle(name.words);
  const settings = model.settings();
  const row = (text: string, quota: QuotaName, share = 1): readonly (readonly [string, number])[] => {
    const value = settings[quota];
    return value === undefined ? [] : [[text, value * share]];
  };
  const ofADay =
    name.scope === 'global'
      ? row(`Global cross-region model inference tokens per day for ${title}`, 'tokensPerDay')
      : row(
          `Model invocation max tokens per day for ${title} (doubled for cross-region calls)`,
          'tokensPerDay',
          name.scope === 'geographic' ? 0.5 : 1,
        );
  return [
    ...row(`${inference[name.scope]} tokens per minute for ${title}`, 'tokensPerMinute'),
    ...row(`${inference[name.scope]} requests per minute for ${title}`, 'requestsPerMinute'),
    ...ofADay,
    ...row(`[bedrock-mantle endpoint] Input tokens per minute for ${title}`, 'inputTokensPerMinute'),
    ...row(`[bedrock-mantle endpoint] Output tokens per minute for ${title}`, 'outputTokensPerMinute'),
  ];
}

/** What is named for another region is granted there alone. */
const isThere = ({ id }: LiveModel, region: string | undefined): boolean =>
  !id.includes('@') || id.endsWith(`@${region}`);

/** What the simulator grants now, whatever was configured: a change of a model's quota shows at the next look. */
const listAll = ({ models }: Service, region: string | undefined): readonly ListedQuota[] =>
  models.all
    .filter((model) => isThere(model, region))
    .flatMap(quotasOf)
    .map(([QuotaName, Value], index) => ({
      QuotaCode: `L-${(index + 1).toString(16).toUpperCase().padStart(8, '0')}`,
      QuotaName,
      Value,
    }));

const fault = (name: string, message: string) => jsonResponse(400, { __type: name, message });

interface Input {
  readonly ServiceCode?: unknown;
  readonly MaxResults?: unknown;
  readonly NextToken?: unknown;
}

function answerTo(operation: string, input: Input, listed: readonly ListedQuota[]) {
  if (operation !== 'ListServiceQuotas' && operation !== 'ListAWSDefaultServiceQuotas')
    return fault('UnknownOperationException', `${operation} is not an operation of this simulator`);
  const { ServiceCode, MaxResults = mostResults, NextToken = '0' } = input;
  if (ServiceCode !== 'bedrock') return fault('NoSuchResourceException', 'The service does not exist.');
  const size = Number(MaxResults);
  const from = Number(NextToken);
  if (!(size >= 1 && size <= mostResults))
    return fault('IllegalArgumentException', 'MaxResults must be from 1 to 100.');
  if (!(from >= 0)) return fault('InvalidPaginationTokenException', 'NextToken is none of this list.');
  return jsonResponse(200, {
    Quotas: listed.slice(from, from + size).map((quota) => ({ ...quota, ServiceCode: 'bedrock' })),
    ...(from + size < listed.length ? { NextToken: String(from + size) } : {}),
  });
}

/** ListServiceQuotas and ListAWSDefaultServiceQuotas, as far as the pipeline asks them: JSON 1.1 on the same port. */
export async function handleServiceQuotas(service: Service, exchange: Exchange): Promise<void> {
  const body = await exchange.readBody(maxBodyBytes);
  if (body.kind === 'cut_off') return;
  const operation = TARGET.exec(exchange.header('x-amz-target') ?? '')?.[1] ?? '';
  try {
    const input = body.kind === 'whole' ? (JSON.parse(body.text) as unknown) : undefined;
    const listed = listAll(service, calledRegion(exchange));
    exchange.respond(answerTo(operation, typeof input === 'object' && input !== null ? input : {}, listed));
  } catch {
    exchange.respond(fault('SerializationException', 'The body must be JSON.'));
  }
}
