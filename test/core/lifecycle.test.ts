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

  it('ends for good: nothing happens to what is terminal', () => {
    for (const status of STATUS_NAMES.filter(isTerminal)) expect(LIFECYCLE[status]).toEqual({});
    expect(STATUS_NAMES.filter(isTerminal)).toEqual(['succeeded', 'failed', 'canceled', 'expired']);
  });

  it.each<[LifecycleEvent, readonly Status[]]>([
    ['claimed', ['queued', 'running']],
    ['put_back', ['running']],
    ['succeeded', ['running']],
    ['failed', ['queued', 'running']],
    ['canceled', ['queued', 'running']],
    ['expired', ['queued', 'running']],
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

  it('can reach an end from every status that is none', () => {
    for (const status of STATUS_NAMES.filter((name) => !isTerminal(name)))
      expect(EVENTS.some((event) => isTerminal(nextStatus(status, event) ?? status))).toBe(true);
  });
});
