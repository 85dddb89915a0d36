import { removalsOf } from '../../../stacks/commands/planned-removals.ts';

const change = (type: string, actions: readonly string[], before: Readonly<Record<string, unknown>>) => ({
  type,
  change: { actions, before },
});

describe('what a plan removes', () => {
  it('is every queue, table and bucket that goes or is made anew', () => {
    const resource_changes = [
      change('aws_sqs_queue', ['delete'], { url: 'https://sqs/parked-old' }),
      change('aws_sqs_queue', ['delete', 'create'], { url: 'https://sqs/input' }),
      change('aws_sqs_queue', ['update'], { url: 'https://sqs/results' }),
      change('aws_sqs_queue_policy', ['delete'], { queue_url: 'https://sqs/parked-old' }),
      change('aws_dynamodb_table', ['create', 'delete'], { id: 'smoother-requests' }),
      change('aws_s3_bucket', ['delete'], { id: 'smoother-bedrock-calls' }),
      { type: 'aws_sqs_queue', change: { actions: ['create'], before: null } },
    ];

    expect(removalsOf({ resource_changes })).toEqual({
      queues: ['https://sqs/parked-old', 'https://sqs/input'],
      stores: ['smoother-requests', 'smoother-bedrock-calls'],
    });
  });

  it('is nothing where nothing changes', () => {
    expect(removalsOf({})).toEqual({ queues: [], stores: [] });
  });
});
