import { type Around, nameOf } from '../fakes/interpose.ts';
import { fuzzDoor } from './fuzz/door.ts';
import { DOOR_NAMES, fuzzByName } from './fuzz/fuzz-doors.ts';
import { createHttpDoor } from './fuzz/http-door.ts';
import { createQueueDoor } from './fuzz/queue-door.ts';

// Hundreds of cases; a busy machine takes its time.
jest.setTimeout(180_000);

/** The same cases in each run; `npm run nightly -- --part fuzz` sends fifty times as many, of other seeds. */
const FUZZ = { seed: 1, cases: 2_000 };

describe('whatever comes in', () => {
  it.each(DOOR_NAMES)('is answered as promised at the door %s', async (name) => {
    expect(await fuzzByName(name, FUZZ)).toBeUndefined();
  });
});

describe('a broken pipeline', () => {
  const SOME = { seed: 1, cases: 200 };

  /** Says that messages are in the lane, and leaves them out. */
  const losesMessages: Around = (effect, perform) =>
    nameOf(effect) === 'queues.send' && String(effect.args[0]).startsWith('hold-')
      ? Promise.resolve(new Set())
      : perform();

  const throwsAt =
    (name: string): Around =>
    (effect, perform) => {
      if (nameOf(effect) === name) throw new TypeError('undefined is not a function');
      return perform();
    };

  it('is caught by the HTTP door when it accepts one half', async () => {
    expect(await fuzzDoor(createHttpDoor(losesMessages), SOME)).toMatch(
      /^1 requests are open, 0 messages wait/,
    );
  });

  it('is caught by the queue’s door when it accepts one half', async () => {
    expect(await fuzzDoor(createQueueDoor(losesMessages), SOME)).toMatch(
      /requests are open, 0 messages wait/,
    );
  });

  it('is caught by the HTTP door when a store throws', async () => {
    expect(await fuzzDoor(createHttpDoor(throwsAt('requests.create')), SOME)).toMatch(
      /^it was answered with 503/,
    );
  });
});
