/** Figures of AWS's own that alarms and the dashboard use, with the dimensions AWS gives them. */
export const AWS_METRICS = {
  ApproximateNumberOfMessagesVisible: { namespace: 'AWS/SQS', dimensions: ['QueueName'] },
  ApproximateAgeOfOldestMessage: { namespace: 'AWS/SQS', dimensions: ['QueueName'] },
  InvocationClientErrors: { namespace: 'AWS/Bedrock', dimensions: ['ModelId'] },
  InvocationServerErrors: { namespace: 'AWS/Bedrock', dimensions: ['ModelId'] },
  Invocations: { namespace: 'AWS/Lambda', dimensions: ['FunctionName'] },
  Errors: { namespace: 'AWS/Lambda', dimensions: ['FunctionName'] },
  Throttles: { namespace: 'AWS/Lambda', dimensions: ['FunctionName'] },
  Duration: { namespace: 'AWS/Lambda', dimensions: ['FunctionName'] },
  ConcurrentExecutions: { namespace: 'AWS/Lambda', dimensions: ['FunctionName'] },
  Count: { namespace: 'AWS/ApiGateway', dimensions: ['ApiId'] },
  '4xx': { namespace: 'AWS/ApiGateway', dimensions: ['ApiId'] },
  '5xx': { namespace: 'AWS/ApiGateway', dimensions: ['ApiId'] },
  Latency: { namespace: 'AWS/ApiGateway', dimensions: ['ApiId'] },
} as const;

export type AwsMetricName = keyof typeof AWS_METRICS;
export type AwsDimensionOf<M extends AwsMetricName> = (typeof AWS_METRICS)[M]['dimensions'][number];
