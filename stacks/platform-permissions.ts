import type { Statement } from './policy.ts';

/** X-Ray knows no resources. */
const TRACE: Statement = {
  Sid: 'Trace',
  Effect: 'Allow',
  Action: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
  Resource: ['*'],
};

/** What Lambda itself does in the name of any function. */
export const platformPermissions = (logArn: string, deadLetterArn?: string): readonly Statement[] => [
  {
    Sid: 'Log',
    Effect: 'Allow',
    Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    Resource: [`${logArn}:*`],
  },
  TRACE,
  ...(deadLetterArn === undefined
    ? []
    : [
        {
          Sid: 'DeadLetter',
          Effect: 'Allow',
          Action: ['sqs:SendMessage'],
          Resource: [deadLetterArn],
        } as const,
      ]),
];
