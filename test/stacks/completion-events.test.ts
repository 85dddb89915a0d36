import { FUNCTION_ENV } from '../../shared/contract/env.ts';
import { findFaults } from '../../stacks/find-faults.ts';
import { toDeployableSettings } from '../../stacks/settings.ts';
import { removeFolders, resourcesOf, resourceWith, settingsOf, statementsOf, synthStack } from './harness.ts';

afterAll(removeFolders);

const settings = settingsOf({ completion_events: ['sns'], webhooks: 'on' });
const stack = synthStack(settings);

const permissionsOf = (name: string) =>
  statementsOf(resourceWith(stack, 'aws_iam_role_policy', ['name', `smoother-${name}`]).policy);

describe('a deployment that tells of what ends', () => {
  it('has a topic, and a function that two queues invoke', () => {
    expect(findFaults(settings)).toEqual([]);
    expect(stack.outputs).toHaveProperty('events_topic_arn');
    expect(resourceWith(stack, 'aws_sns_topic', ['name', 'smoother-events'])).toBeDefined();
    const called = resourceWith(stack, 'aws_lambda_function', ['function_name', 'smoother-notification']);
    const { variables } = called.environment as { readonly variables: Record<string, string> };
    expect(Object.keys(variables).toSorted()).toEqual([...FUNCTION_ENV.notification].toSorted());
    const mapped = resourcesOf(stack, 'aws_lambda_event_source_mapping').map(([id]) => id);
    expect(mapped.filter((id) => /events|webhooks/.test(id))).toHaveLength(2);
  });

  it('lets that function write nothing but its own log and secrets, and read no request and no result', () => {
    const statements = permissionsOf('notification');
    const used = [...new Set(statements.flatMap(({ Action }) => Action))].filter((action) =>
      /^(dynamodb|s3|sns|bedrock)/.test(action),
    );
    expect(used.toSorted()).toEqual(['dynamodb:GetItem', 'dynamodb:PutItem', 'sns:Publish']);
    const table = statements.find(({ Action }) => Action.includes('dynamodb:PutItem'));
    expect(table?.Condition).toEqual({
      'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['webhooks#*', 'webhook-secrets'] },
    });
  });

  it.each(['ingestion', 'prioritization', 'splitter', 'reconciler'])(
    'lets %s send to both queues',
    (name) => {
      const sent = permissionsOf(name)
        .filter(({ Action }) => Action.includes('sqs:SendMessage'))
        .flatMap(({ Resource }) => Resource);
      expect(sent.filter((arn) => /\.(events|webhooks)\.arn/.test(arn))).toHaveLength(2);
    },
  );
});

describe('a deployment that tells nobody', () => {
  it('has nothing for it', () => {
    const text = synthStack(settingsOf()).text;
    expect(text).not.toMatch(/notification"|smoother-events|smoother-webhooks/);
  });

  it('can have no receivers on its own machine', () => {
    expect(toDeployableSettings({ notification_email: 'ops@example.com', webhooks: 'loopback' }, [])).toEqual(
      {
        ok: false,
        faults: ['webhooks must be `on` or `off` to deploy: `loopback` is for the local run only.'],
      },
    );
  });
});
