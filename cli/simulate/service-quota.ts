import type { Algorithm, Dimension } from '../../local/bedrock/quota/dimension.ts';

export interface ServiceQuota {
  readonly tokensPerMinute: number;
  readonly requestsPerMinute?: number | undefined;
  readonly tokensPerDay?: number | undefined;
  readonly algorithm?: Algorithm;
  readonly burstSeconds?: number;
}

const MINUTE = 60;
const DAY = 86_400;

/** Quotas as the service counts them. */
export const toServiceDimensions = (quota: ServiceQuota): readonly Dimension[] => {
  const { algorithm = 'bucket', burstSeconds = MINUTE } = quota;
  const perMinute = { periodSeconds: MINUTE, algorithm, burstSeconds, refusalCost: 0 };
  const { tokensPerMinute, requestsPerMinute, tokensPerDay } = quota;
  return [
    ...(requestsPerMinute === undefined
      ? []
      : [{ name: 'rpm' as const, limit: requestsPerMinute, ...perMinute }]),
    ...(tokensPerDay === undefined
      ? []
      : [
          {
            name: 'tpd' as const,
            limit: tokensPerDay,
            periodSeconds: DAY,
            algorithm: 'bucket' as const,
            burstSeconds: DAY,
            refusalCost: 0,
          },
        ]),
    { name: 'tpm' as const, limit: tokensPerMinute, ...perMinute },
  ];
};
