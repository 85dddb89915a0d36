import { mappingsOf } from '../../shared/contract/functions.ts';
import { describeResources, type QueueDescription } from '../../shared/contract/resources.ts';
import { environmentFaults, findFaults, resourceFaults } from '../../stacks/find-faults.ts';
import { policyFaults } from '../../stacks/policy-faults.ts';
import { neededConcurrency } from '../../stacks/reserved-concurrency.ts';
import { type Attributes, settingsOf, TWO_POOLS } from './harness.ts';

const RESOURCES = describeResources(settingsOf());

const queue = (name: string, more: Partial<QueueDescription> = {}): QueueDescription => ({
  name,
  visibilityTimeoutSeconds: 900,
  retentionSeconds: 86_400,
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

  it('refuses a queue that forgets a message before its dead letters get it', () => {
    const short = queue('wake', {
      retentionSeconds: 3600,
      visibilityTimeoutSeconds: 900,
      deadLetter: { queue: 'dlq', maxReceiveCount: 4 },
    });

    expect(faultsOf(queue('dlq'), short)).toEqual([
      'The queue `wake` forgets a message after 3600 s, before 4 receives of 900 s could take it to `dlq`: keep it longer, or let it be received less often.',
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

describe('what is reserved of an account’s concurrency', () => {
  it('fits into the 200 that docs/deploy.md asks for, with as many pools as fit into the settings', () => {
    const smallPools = (count: number): Attributes =>
      Object.fromEntries(
        Array.from({ length: count }, (_, index) => [
          `p${index}`,
          { model_id: `a.${index}`, quota: { tokens_per_minute: 9 } },
        ]),
      );
    const deployable = Array.from({ length: 40 }, (_, index) =>
      settingsOf({ models: smallPools(index + 1), default_model: 'p0', function_url: true }),
    ).filter((settings) => findFaults(settings).length === 0);
    const needed = deployable.map(neededConcurrency);

    expect(deployable.length).toBeGreaterThan(10);
    expect(Math.max(...needed)).toBeLessThanOrEqual(200);
    expect(needed[0]).toBe(168);
  });

  it('is nothing where nothing is reserved', () => {
    expect(neededConcurrency(settingsOf({ reserve_concurrency: false, function_url: true }))).toBe(0);
  });
});

describe('policyFaults', () => {
  /** As many as a function's environment holds, with the longest names there are. */
  const longPools = (count: number, more: Attributes = {}) => ({
    ...more,
    default_model: 'p0'.padEnd(32, 'x'),
    models: Object.fromEntries(
      Array.from({ length: count }, (_, index) => [
        `p${index}`.padEnd(32, 'x'),
        { model_id: `us.amazon.model-${index}-v1:0`, quota: { tokens_per_minute: 1000 } },
      ]),
    ),
  });

  it('lets ten pools with the longest names be deployed', () => {
    const settings = settingsOf(
      longPools(10, { environment: 'production-a', aws_region: 'ap-southeast-1', kms_key: 'create' }),
    );

    expect(policyFaults(settings)).toEqual([]);
  });

  it('refuses more than a role can hold', () => {
    expect(policyFaults(settingsOf(longPools(40)))).toContainEqual(
      expect.stringMatching(
        /^The settings make what the function `prioritization` may do \d\d,\d{3} characters and IAM allows 10,240: name fewer pools and targets in `models`, or shorter ones\.$/,
      ),
    );
  });
});

describe('what AWS would refuse', () => {
  it.each<readonly [string, Attributes, string]>([
    [
      'a dashboard’s name that is too long with the environment',
      { dashboard_name: 'd'.repeat(250), environment: 'staging' },
      'dashboard_name is 258 characters with the environment behind it and CloudWatch allows 255: shorten it.',
    ],
    [
      'a key of another region',
      { kms_key: 'arn:aws:kms:eu-west-1:123456789012:key/abc' },
      'kms_key lies in eu-west-1 and aws_region is us-east-1: name a key of us-east-1, or `create`.',
    ],
  ])('%s is told', (_, context, fault) => {
    expect(findFaults(settingsOf(context))).toEqual([fault]);
  });

  it.each<readonly [string, Attributes, string]>([
    [
      'a tag of AWS’s own',
      { tags: { 'aws:x': 'y' } },
      'tags.aws:x must be named by 1-128 letters, digits, spaces and `_ . : / = + - @`, not beginning with `aws:`.',
    ],
    [
      'a tag that the deployment sets itself',
      { tags: { Application: 'chat' } },
      'tags.Application is a tag that the deployment sets itself: name yours otherwise.',
    ],
    [
      'a tag’s value',
      { tags: { Team: 'a;b' } },
      'tags.Team must be at most 256 letters, digits, spaces and `_ . : / = + - @`.',
    ],
    [
      'more tags than there may be',
      { tags: Object.fromEntries(Array.from({ length: 49 }, (_, index) => [`t${index}`, 'v'])) },
      'tags must be at most 48, not 49.',
    ],
    [
      'a bucket’s name',
      { terraform_state: { bucket: 'My_Bucket' } },
      'terraform_state.bucket must be the name of an S3 bucket: 3-63 small letters, digits, `.` and `-`.',
    ],
    [
      'an environment called as the role that deploys',
      { environment: 'deployer-a' },
      'environment must not begin with `deployer`, as the role that deploys does.',
    ],
  ])('%s is told with the settings', (_, context, fault) => {
    expect(() => settingsOf(context)).toThrow(fault);
  });
});
