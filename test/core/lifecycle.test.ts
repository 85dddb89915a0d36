import { readFile } from 'node:fs/promises';
import { isTerminal, STATUS_NAMES, type Status } from '../../shared/contract/statuses.ts';
import {
  EVENTS,
  LIFECYCLE,
  type LifecycleEvent,
  nextStatus,
  statesBefore,
} from '../../shared/core/lifecycle.ts';

describe('the life of a request', () => {
  it('has a row for each status', () => {
    expect(Object.keys(LIFECYCLE)).toEqual([...STATUS_NAMES]);
  });

  it('ends for good, but for what failed: an operator may reopen that', () => {
    const { failed, ...others } = LIFECYCLE;
    expect(failed).toEqual({ reopened: 'queued' });
    for (const status of ['succeeded', 'canceled', 'expired'] as const) expect(others[status]).toEqual({});
    expect(STATUS_NAMES.filter(isTerminal)).toEqual(['succeeded', 'failed', 'canceled', 'expired']);
  });

  it.each<[LifecycleEvent, readonly Status[]]>([
    ['claimed', ['queued', 'running']],
    ['put_back', ['running']],
    ['succeeded', ['running']],
    ['failed', ['queued', 'running']],
    ['canceled', ['queued', 'running']],
    ['expired', ['queued', 'running']],
    ['reopened', ['failed']],
  ])('lets %s happen only to %j', (event, states) => {
    expect(statesBefore(event)).toEqual(states);
  });

  it.each<[Status, LifecycleEvent, Status | undefined]>([
    ['queued', 'claimed', 'running'],
    ['running', 'claimed', 'running'],
    ['running', 'put_back', 'queued'],
    ['running', 'succeeded', 'succeeded'],
    ['queued', 'succeeded', undefined],
    ['queued', 'canceled', 'canceled'],
    ['succeeded', 'failed', undefined],
    ['expired', 'claimed', undefined],
  ])('goes from %s by %s to %s', (status, event, next) => {
    expect(nextStatus(status, event)).toBe(next);
  });

  // Each with where it is seen to happen.
  it.each<[Status, LifecycleEvent, string]>([
    [
      'queued',
      'claimed',
      'test/contracts/request-store.contract.ts: journals the attempt of a queued request',
    ],
    ['queued', 'canceled', 'test/flows/cancel-request.test.ts: ends it at once'],
    ['queued', 'expired', 'test/flows/drain/lane-messages.test.ts: expires a request without a call'],
    ['queued', 'failed', 'test/flows/drain/suspects.test.ts: keeps its dead letter until that got through'],
    ['running', 'claimed', 'test/contracts/request-store.contract.ts: passes to another owner'],
    ['running', 'put_back', 'test/flows/drain/ownership.test.ts: puts back what backs off'],
    ['running', 'succeeded', 'test/flows/drain/answers.test.ts: answers everything that waits'],
    ['running', 'failed', 'test/flows/drain/answers.test.ts: fails after eight faults of the service'],
    ['running', 'canceled', 'test/flows/cancel-request.test.ts: gives up its call'],
    ['failed', 'reopened', 'test/flows/dead-letters/redrive.test.ts: reopens what matches'],
    ['running', 'expired', 'test/flows/drain/lane-messages.test.ts: expires a request that met faults'],
  ])('from %s, %s has a test of its own: %s', async (status, event, where) => {
    const [file = '', name = ''] = where.split(': ');
    expect(nextStatus(status, event)).toBeDefined();
    expect(await readFile(file, 'utf8')).toContain(name);
  });

  it('knows no path beside those eleven', () => {
    const paths = STATUS_NAMES.flatMap((status) =>
      EVENTS.filter((event) => nextStatus(status, event) !== undefined),
    );
    expect(paths).toHaveLength(11);
  });

  it('can reach an end from every status that is none', () => {
    for (const status of STATUS_NAMES.filter((name) => !isTerminal(name)))
      expect(EVENTS.some((event) => isTerminal(nextStatus(status, event) ?? status))).toBe(true);
  });
});
