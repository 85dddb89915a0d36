export const METRIC_NAMESPACE = 'BedrockRequestSmoother';

/** Deployments beside each other in one account have figures of their own. */
export const metricNamespace = (environment: string | undefined): string =>
  environment === undefined ? METRIC_NAMESPACE : `${METRIC_NAMESPACE}/${environment}`;

export interface MetricDescription {
  readonly unit: 'Count' | 'Milliseconds' | 'Percent';
  readonly dimensions: readonly ('pool' | 'door' | 'code' | 'target' | 'damage')[];
  readonly meaning: string;
}

/** Every figure that is emitted; dashboards, alarms and docs name only these. */
export const METRICS = {
  RequestsAccepted: { unit: 'Count', dimensions: ['door'], meaning: 'Requests made durable.' },
  RequestsRefused: { unit: 'Count', dimensions: ['door'], meaning: 'Requests refused with their faults.' },
  UnreadableMessages: {
    unit: 'Count',
    dimensions: [],
    meaning: 'Input messages that are not JSON, sent to the dead letters.',
  },
  RequestsSucceeded: { unit: 'Count', dimensions: ['pool'], meaning: 'Requests answered.' },
  RequestsFailed: {
    unit: 'Count',
    dimensions: ['pool', 'code'],
    meaning: 'Requests that ended without an answer.',
  },
  ModelCalls: { unit: 'Count', dimensions: ['pool'], meaning: 'Calls sent to Bedrock.' },
  ModelThrottles: { unit: 'Count', dimensions: ['pool'], meaning: 'Calls that Bedrock’s quota refused.' },
  ModelErrors: {
    unit: 'Count',
    dimensions: ['pool'],
    meaning: 'Calls that ended in an error other than a throttle or a cancel.',
  },
  ModelLatency: {
    unit: 'Milliseconds',
    dimensions: ['pool'],
    meaning: 'From sending a call to its whole answer.',
  },
  TargetCalls: {
    unit: 'Count',
    dimensions: ['pool', 'target'],
    meaning: 'Calls sent to one target of a pool that has several.',
  },
  TargetThrottles: {
    unit: 'Count',
    dimensions: ['pool', 'target'],
    meaning: 'Calls that the quota of that target refused.',
  },
  TargetErrors: {
    unit: 'Count',
    dimensions: ['pool', 'target'],
    meaning: 'Calls to it that ended in an error other than a throttle or a cancel.',
  },
  TargetClosed: {
    unit: 'Count',
    dimensions: ['pool', 'target'],
    meaning: 'Times that it was given up for a while, for want of capacity or of leave to call it.',
  },
  RequestWait: {
    unit: 'Milliseconds',
    dimensions: ['pool'],
    meaning: 'From acceptance to the call that counted.',
  },
  InputTokens: { unit: 'Count', dimensions: ['pool'], meaning: 'Input tokens used.' },
  QuotaUse: {
    unit: 'Percent',
    dimensions: ['pool'],
    meaning:
      'What calls were charged, in per cent of what the pool may use in one minute by the quota in force. Added up over a period and divided by its minutes it is the use of the quota.',
  },
  QuotaChanges: {
    unit: 'Count',
    dimensions: ['pool'],
    meaning: 'Changes of the limits that Service Quotas grants.',
  },
  OutputTokens: { unit: 'Count', dimensions: ['pool'], meaning: 'Output tokens used.' },
  DamageHealed: {
    unit: 'Count',
    dimensions: ['damage'],
    meaning: 'What the reconciler found that should not exist, and set right.',
  },
  SpentMicrodollars: {
    unit: 'Count',
    dimensions: ['pool'],
    meaning: 'Millionths of a US dollar that answers cost, of pools with prices.',
  },
} as const satisfies Record<string, MetricDescription>;

export type MetricName = keyof typeof METRICS;
export type DimensionOf<M extends MetricName> = (typeof METRICS)[M]['dimensions'][number];
