/** One statement of a policy, in IAM's own words. */
export interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?:
    | '*'
    | { readonly Service: string | readonly string[] }
    | { readonly AWS: readonly string[] };
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

export const allow = (actions: readonly string[], resources: readonly string[]): Statement => ({
  Effect: 'Allow',
  Action: actions,
  Resource: resources,
});

/** SNS takes no action `sns:*` in a topic's policy: what a topic can be asked for, one by one. */
const TOPIC_ACTIONS = ['sns:Publish', 'sns:Subscribe'];

/** For the policy of a resource: nobody reaches it but over TLS. */
export const denyWithoutTls = (service: 's3' | 'sqs' | 'sns', resources: readonly string[]): Statement => ({
  Sid: 'OnlyTls',
  Effect: 'Deny',
  Principal: '*',
  Action: service === 'sns' ? TOPIC_ACTIONS : [`${service}:*`],
  Resource: resources,
  Condition: { Bool: { 'aws:SecureTransport': 'false' } },
});

export const toPolicy = (statements: readonly Statement[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements });

/** For a role that a service takes on. */
export const assumedBy = (service: string): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: ['sts:AssumeRole'] }],
  });
