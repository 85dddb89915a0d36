import type { SQSEvent, SQSRecord } from 'aws-lambda';

export const recordOf = (
  messageId: string,
  body: string,
  attributes: Readonly<Record<string, string>> = {},
): SQSRecord => ({
  messageId,
  receiptHandle: `receipt of ${messageId}`,
  body,
  attributes: {
    ApproximateReceiveCount: '1',
    SentTimestamp: '0',
    SenderId: 'test',
    ApproximateFirstReceiveTimestamp: '0',
  },
  messageAttributes: Object.fromEntries(
    Object.entries(attributes).map(([name, stringValue]) => [name, { stringValue, dataType: 'String' }]),
  ),
  md5OfBody: '',
  eventSource: 'aws:sqs',
  eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:smoother-input',
  awsRegion: 'us-east-1',
});

/** One message for each body, `m-0`, `m-1`, …; what is no text goes as JSON. */
export const eventOf = (...bodies: readonly unknown[]): SQSEvent => ({
  Records: bodies.map((body, index) =>
    recordOf(`m-${index}`, typeof body === 'string' ? body : JSON.stringify(body)),
  ),
});
