import { FUNCTIONS, mappingsOf } from '../../shared/contract/functions.ts';
import {
  batchInputKey,
  parkedInputKey,
  poolItemKey,
  REQUEST_ID_PATTERN,
  reportKey,
  segmentKey,
  tallyItemKey,
  uploadKey,
} from '../../shared/contract/keys.ts';
import { laneQueue, lanesOf } from '../../shared/contract/names.ts';
import { describeResources, physicalName } from '../../shared/contract/resources.ts';
import type { Settings } from '../../shared/contract/settings.ts';
import { settingsOf } from '../core/samples.ts';

const LONGEST_NAME = 'p'.repeat(32);

const settingsWith = (...pools: readonly string[]): Settings =>
  settingsOf({
    models: Object.fromEntries(
      pools.map((name) => [name, { model_id: `model-${name}`, quota: { tokens_per_minute: 1000 } }]),
    ),
  });

const { queues, tables, bucket } = describeResources(settingsWith('haiku', LONGEST_NAME));
const queueNamed = (name: string) => queues.find((queue) => queue.name === name);

describe('queues', () => {
  it('of one pool are these', () => {
    expect(describeResources(settingsWith('haiku')).queues.map(({ name }) => name)).toEqual([
      'input-dlq',
      'input',
      'wake-dlq',
      'wake',
      'batches-dlq',
      'batches',
      'results',
      'hold-haiku-high-express',
      'hold-haiku-high-bulk-0',
      'hold-haiku-high-bulk-1',
      'hold-haiku-normal-express',
      'hold-haiku-normal-bulk-0',
      'hold-haiku-normal-bulk-1',
      'hold-haiku-low-express',
      'hold-haiku-low-bulk-0',
      'hold-haiku-low-bulk-1',
      'parked-haiku',
      'dead-letter-haiku',
    ]);
  });

  it('have names of their own, that SQS takes at the longest name of a pool', () => {
    const names = queues.map(({ name }) => physicalName(name));

    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^smoother-[A-Za-z0-9_-]{1,71}$/);
  });

  it('name dead-letter queues that exist', () => {
    const targets = queues.flatMap(({ deadLetter }) => (deadLetter === undefined ? [] : [deadLetter.queue]));

    expect(targets.length).toBeGreaterThan(0);
    expect(targets.filter((target) => queueNamed(target) === undefined)).toEqual([]);
  });

  it('share a dead-letter queue ten at most: more can not be allowed to redrive', () => {
    const sources = new Map<string, number>();
    for (const { deadLetter } of queues)
      if (deadLetter !== undefined) sources.set(deadLetter.queue, (sources.get(deadLetter.queue) ?? 0) + 1);

    expect(Math.max(...sources.values())).toBeLessThanOrEqual(10);
  });

  it('keep dead letters for as long as SQS can, and longer than their sources keep messages', () => {
    for (const { deadLetter, retentionSeconds } of queues)
      if (deadLetter !== undefined) {
        expect(queueNamed(deadLetter.queue)?.retentionSeconds).toBe(1_209_600);
        expect(retentionSeconds).toBeLessThan(1_209_600);
      }
  });

  it('have receive counts, waits and times that SQS takes', () => {
    for (const { deadLetter, receiveWaitSeconds, retentionSeconds, visibilityTimeoutSeconds } of queues) {
      if (deadLetter !== undefined) {
        expect(deadLetter.maxReceiveCount).toBeGreaterThanOrEqual(1);
        expect(deadLetter.maxReceiveCount).toBeLessThanOrEqual(1000);
      }
      expect(receiveWaitSeconds).toBeLessThanOrEqual(20);
      expect(visibilityTimeoutSeconds).toBeLessThanOrEqual(43_200);
      expect(retentionSeconds).toBeGreaterThanOrEqual(60);
    }
  });

  it('hide a message at least as long as the function that it invokes may run', () => {
    for (const mapping of mappingsOf(2)) {
      const timeoutSeconds = FUNCTIONS[mapping.function].timeoutSeconds;

      expect(queueNamed(mapping.queue)?.visibilityTimeoutSeconds).toBeGreaterThanOrEqual(timeoutSeconds);
    }
    expect(queueNamed('input')?.visibilityTimeoutSeconds).toBe(180);
  });

  it('keep a request longer than it may wait', () => {
    expect(queueNamed('hold-haiku-low-express')?.retentionSeconds).toBe(604_800);
    expect(queueNamed('input')?.retentionSeconds).toBe(604_800);
  });
});

describe('lanes', () => {
  it('come most urgent first', () => {
    expect(lanesOf('haiku').map(laneQueue)).toEqual([
      'hold-haiku-high-express',
      'hold-haiku-high-bulk-0',
      'hold-haiku-high-bulk-1',
      'hold-haiku-normal-express',
      'hold-haiku-normal-bulk-0',
      'hold-haiku-normal-bulk-1',
      'hold-haiku-low-express',
      'hold-haiku-low-bulk-0',
      'hold-haiku-low-bulk-1',
    ]);
  });
});

describe('functions', () => {
  it('stay within what Lambda allows', () => {
    for (const { timeoutSeconds, memoryMb } of Object.values(FUNCTIONS)) {
      expect(timeoutSeconds).toBeLessThanOrEqual(900);
      expect(memoryMb).toBeGreaterThanOrEqual(128);
    }
  });

  it('leave a place for two drains and a tick of each pool', () => {
    expect(mappingsOf(3)).toEqual([
      { queue: 'input', function: 'ingestion', batchSize: 10, maximumConcurrency: 10 },
      { queue: 'wake', function: 'prioritization', batchSize: 1, maximumConcurrency: 8 },
      { queue: 'batches', function: 'splitter', batchSize: 1, maximumConcurrency: 4 },
    ]);
  });
});

describe('stores', () => {
  it('are named and keyed like this', () => {
    expect(tables.requests).toEqual({
      name: 'requests',
      partitionKey: { name: 'request_id', type: 'S' },
      timeToLiveAttribute: 'ttl_seconds',
      indexes: [
        {
          name: 'attention',
          partitionKey: { name: 'tenant', type: 'S' },
          sortKey: { name: 'attention_at_ms', type: 'N' },
        },
        {
          name: 'dead-letters',
          partitionKey: { name: 'dead_letter_pool', type: 'S' },
          sortKey: { name: 'dead_at_ms', type: 'N' },
        },
        {
          name: 'batches',
          partitionKey: { name: 'batch_tenant', type: 'S' },
          sortKey: { name: 'created_at_ms', type: 'N' },
        },
      ],
    });
    expect(tables.reporting).toMatchObject({
      partitionKey: { name: 'report_id', type: 'S' },
      sortKey: { name: 'segment', type: 'S' },
    });
    expect(physicalName(bucket.name)).toBe('smoother-bedrock-calls');
  });

  it('have an index of everything only where the settings say so', () => {
    const { tables: indexed } = describeResources({ models: {}, index_requests: true });
    expect(
      indexed.requests.indexes.map(({ name, partitionKey, sortKey }) => [
        name,
        partitionKey.name,
        sortKey.name,
      ]),
    ).toEqual([
      ['attention', 'tenant', 'attention_at_ms'],
      ['dead-letters', 'dead_letter_pool', 'dead_at_ms'],
      ['batches', 'batch_tenant', 'created_at_ms'],
      ['tenant', 'tenant', 'listed_at_ms'],
      ['custom-id', 'custom_key', 'listed_at_ms'],
    ]);
  });

  it('keep results until after they may be asked for, and inputs for longer than a request may wait', () => {
    expect(bucket.expirations).toEqual([
      { prefix: 'inputs/', days: 30 },
      { prefix: 'results/', days: 31 },
      { prefix: 'batches/', days: 30 },
      { prefix: 'uploads/', days: 8 },
    ]);
  });
});

describe('keys', () => {
  const LATE_MS = Date.UTC(2026, 2, 4, 5, 59, 59, 999);

  it('have these shapes', () => {
    expect(poolItemKey('haiku')).toBe('pool#haiku');
    expect(segmentKey('haiku', LATE_MS, 'seg_1')).toBe('results/haiku/2026/03/04/05/seg_1.jsonl');
    expect(parkedInputKey('haiku', 'req_1')).toBe('inputs/haiku/req_1.json');
    expect(reportKey('haiku', LATE_MS)).toBe('haiku#2026-03-04T05');
    expect(tallyItemKey('bat_1', 3)).toBe('bat_1#3');
    expect(batchInputKey('bat_1', 'f')).toBe('batches/bat_1/f.jsonl');
    expect(uploadKey('bat_1')).toBe('uploads/bat_1.jsonl');
  });

  it('change with the hour', () => {
    expect(segmentKey('haiku', LATE_MS + 1, 'seg_1')).toBe('results/haiku/2026/03/04/06/seg_1.jsonl');
    expect(reportKey('haiku', LATE_MS + 1)).toBe('haiku#2026-03-04T06');
  });

  it('lie below a prefix that expires', () => {
    const keys = [
      segmentKey('haiku', LATE_MS, 'seg_1'),
      parkedInputKey('haiku', 'req_1'),
      batchInputKey('bat_1', 'f'),
      uploadKey('bat_1'),
    ];

    for (const key of keys)
      expect(bucket.expirations.filter(({ prefix }) => key.startsWith(prefix))).toHaveLength(1);
  });

  it.each([
    ['req_0123456789ABCDEFGHJKMNPQRS', true],
    ['req_0123456789ABCDEFGHJKMNPQR', false],
    ['req_0123456789ABCDEFGHJKMNPQRST', false],
    ['req_0123456789ABCDEFGHIKMNPQRS', false],
    ['req_0123456789abcdefghjkmnpqrs', false],
    ['pool#haiku', false],
    ['req_0123456789ABCDEFGHJKMNPQRS\n', false],
  ])('of requests: %j is one: %s', (text, is) => {
    expect(REQUEST_ID_PATTERN.test(text)).toBe(is);
  });
});
