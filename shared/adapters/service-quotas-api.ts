import { z } from 'zod';
import type { ListedQuota } from '../core/quota/match-service-quota.ts';
import type { ServiceQuotas } from '../ports/service-quotas.ts';
import type { AwsJsonCall } from './aws-json-call.ts';

export const SERVICE_QUOTAS_API = { service: 'servicequotas', targetPrefix: 'ServiceQuotasV20190624' };

/** https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_ListServiceQuotas.html */
const pageSchema = z.object({
  Quotas: z.array(z.object({ QuotaCode: z.string(), QuotaName: z.string(), Value: z.number().optional() })),
  NextToken: z.string().nullish(),
});

const OPERATIONS = { applied: 'ListServiceQuotas', default: 'ListAWSDefaultServiceQuotas' } as const;
const PAGE = 100;
/** Bedrock has some hundreds; a list that never ends is not one. */
const MOST_PAGES = 50;

export const createServiceQuotasApi = (call: AwsJsonCall): ServiceQuotas => ({
  list: async (which, timeoutMs) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const listed: ListedQuota[] = [];
    let token: string | null | undefined;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const input = { ServiceCode: 'bedrock', MaxResults: PAGE, ...(token ? { NextToken: token } : {}) };
      const { Quotas, NextToken } = pageSchema.parse(await call(OPERATIONS[which], input, signal));
      for (const { QuotaCode, QuotaName, Value } of Quotas)
        if (Value !== undefined) listed.push({ code: QuotaCode, name: QuotaName, value: Value });
      token = NextToken;
      if (!token) return listed;
    }
    throw new Error(`${OPERATIONS[which]} has more than ${MOST_PAGES} pages`);
  },
});
