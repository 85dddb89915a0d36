import { mappingsOf } from '../../shared/contract/functions.ts';
import { describeResources, type QueueDescription } from '../../shared/contract/resources.ts';
import { environmentFaults, findFaults, resourceFaults } from '../../stacks/find-faults.ts';
import { settingsOf, TWO_POOLS } from './harness.ts';

const RESOURCES = describeResources(settingsOf());

const queue = (name: string, more: Partial<QueueDescription> = {}): QueueDescription => ({
  name,
  visibilityTimeoutSeconds: 900,
  retentionSeconds: 60,
  receiveWaitSeconds: 0,
  ...more,
});

const sourcesOf = (target: string, count: number): QueueDescription[] =>
  Array.from({ length: count }, (_, index) =>
    queue(`source-${index}`, { deadLetter: { queue: target, maxReceiveCount: 3 } }),
  );

const faultsOf = (...queues: QueueDescription[]) => resourceFaults({ ...RESOURCES, queues }, []);

const poolsOf = (count: number) => ({
  models: Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      `pool-${index}`,
      { model_id: `provider.model-${index}`, quota: { tokens_per_minute: 1000 } },
    ]),
  ),
});

describe('findFaults', () => {
  it.each([
    ['the defaults', {}],
    ['two pools', TWO_POOLS],
  ])('finds none in %s', (_, context) => {
    expect(findFaults(settingsOf(context))).toEqual([]);
  });
});

describe('resourceFaults', () => {
  it('lets ten queues share one for dead letters', () => {
    expect(faultsOf(queue('dlq'), ...sourcesOf('dlq', 10))).toEqual([]);
  });

  it('refuses an eleventh', () => {
    expect(faultsOf(queue('dlq'), ...sourcesOf('dlq', 11))).toEqual([
      'The queue `dlq` takes dead letters of 11 queues and SQS allows 10: give some of them another.',
    ]);
  });

  it('refuses a dead-letter queue that is not described', () => {
    expect(faultsOf(...sourcesOf('dlq', 1))).toEqual([
      'The queue `dlq` is named for dead letters and is not described.',
    ]);
  });

  it('refuses a queue that shows a message again while its function may still work on it', () => {
    const queues = [
      queue('input'),
      queue('wake', { visibilityTimeoutSeconds: 899 }),
      queue('batches', { visibilityTimeoutSeconds: 900 }),
    ];

    expect(resourceFaults({ ...RESOURCES, queues }, mappingsOf(1))).toEqual([
      'The queue `wake` hides a message for 899 s while the function `prioritization` may take 900 s: hide it for at least as long.',
    ]);
  });

  it('refuses a mapping of a queue that is not described', () => {
    expect(resourceFaults({ ...RESOURCES, queues: [queue('wake')] }, mappingsOf(1).slice(0, 2))).toEqual([
      'The function `ingestion` reads the queue `input`, which is not described.',
    ]);
  });
});

describe('environmentFaults', () => {
  it('lets eight pools be configured', () => {
    expect(environmentFaults(settingsOf(poolsOf(8)))).toEqual([]);
  });

  it('refuses settings that do not fit into a function’s environment', () => {
    expect(environmentFaults(settingsOf(poolsOf(40)))).toEqual([
      expect.stringMatching(
        /^The settings make a function's environment \d{1,2},\d{3} bytes and Lambda allows 4,096 bytes: name fewer pools in `models` and tenants in `tenants`, or shorter ones\.$/,
      ),
    ]);
  });
});
