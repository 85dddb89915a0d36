import fc from 'fast-check';
import { PRIORITIES, type Priority } from '../../../shared/contract/priorities.ts';
import { createPriorityScheduler } from '../../../shared/core/scheduler/priority-scheduler.ts';
import type { Schedulable, Scheduler } from '../../../shared/core/scheduler/scheduler.ts';

const request = (id: string, priority: Priority): Schedulable => ({ id, priority });

/** Takes everything out in the order in which it is served. */
const serve = (scheduler: Scheduler<Schedulable>): readonly string[] => {
  const served: string[] = [];
  for (let next = scheduler.peek(0); next !== undefined; next = scheduler.peek(0)) {
    scheduler.remove(next);
    served.push(next.id);
  }
  return served;
};

const filled = (...requests: readonly Schedulable[]): Scheduler<Schedulable> => {
  const scheduler = createPriorityScheduler();
  for (const one of requests) scheduler.add(one, 0);
  return scheduler;
};

describe('the scheduler', () => {
  it('serves the most urgent class first, and each class in the order of arrival', () => {
    const scheduler = filled(
      request('l1', 'low'),
      request('n1', 'normal'),
      request('h1', 'high'),
      request('n2', 'normal'),
      request('h2', 'high'),
    );

    expect(serve(scheduler)).toEqual(['h1', 'h2', 'n1', 'n2', 'l1']);
  });

  it('serves what was put back before all others of its class, and of no other', () => {
    const scheduler = filled(request('h1', 'high'), request('n1', 'normal'));
    scheduler.putBack(request('n0', 'normal'), 0);

    expect(serve(scheduler)).toEqual(['h1', 'n0', 'n1']);
  });

  it('only shows what is next', () => {
    const scheduler = filled(request('n1', 'normal'));

    expect(scheduler.peek(0)).toEqual({ id: 'n1', priority: 'normal' });
    expect(scheduler.staged()).toEqual({ high: 0, normal: 1, low: 0 });
  });

  it('shows nothing when nothing waits', () => {
    expect(createPriorityScheduler().peek(0)).toBeUndefined();
  });

  it('does not mind being told to remove what it does not have', () => {
    const scheduler = filled(request('n1', 'normal'));
    scheduler.remove(request('n1', 'normal'));

    expect(scheduler.staged()).toEqual({ high: 0, normal: 1, low: 0 });
  });

  it('gives everything up at once, and is empty then', () => {
    const scheduler = filled(request('l1', 'low'), request('h1', 'high'), request('l2', 'low'));

    expect(scheduler.drain().map(({ id }) => id)).toEqual(['h1', 'l1', 'l2']);
    expect(scheduler.drain()).toEqual([]);
    expect(scheduler.staged()).toEqual({ high: 0, normal: 0, low: 0 });
    expect(scheduler.peek(0)).toBeUndefined();
  });

  it('loses nothing and never lets a lower class pass', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...PRIORITIES)), (priorities) => {
        const requests = priorities.map((priority, index) => request(String(index), priority));
        const expected = PRIORITIES.flatMap((name) =>
          requests.filter(({ priority }) => priority === name).map(({ id }) => id),
        );

        expect(serve(filled(...requests))).toEqual(expected);
      }),
    );
  });
});
