/** List prices of us-east-1 in US dollars. */
export const PRICES = {
  /** Standard queues are 0.40; lanes are fair queues, 0.10 more. Taken for all calls. */
  sqsMillionCalls: 0.5,
  dynamoMillionWrites: 0.625,
  dynamoMillionReads: 0.125,
  s3MillionPuts: 5,
  s3MillionGets: 0.4,
  httpApiMillionCalls: 1,
  lambdaMillionInvocations: 0.2,
  lambdaGbSecondArm: 0.0000133334,
  logsGb: 0.5,
} as const;

/** What a laptop cannot count. */
export const ASSUMED = {
  ingestionSeconds: 0.05,
  querySeconds: 0.03,
  logBytesARequest: 1000,
  /** Of a function that makes one call and waits for it. */
  callSeconds: 5,
  callMemoryMb: 256,
} as const;
