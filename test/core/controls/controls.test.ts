import { type ControlOrder, type Controls, NO_CONTROLS } from '../../../shared/contract/controls.ts';
import { changeControls, subjectOf } from '../../../shared/core/controls/change-controls.ts';
import { lookAgainSeconds, pauseOf } from '../../../shared/core/controls/in-force.ts';
import { operatorOf } from '../../../shared/core/controls/operator-of.ts';
import { weightsOf } from '../../../shared/core/controls/weights-of.ts';
import { settingsOf } from '../../fakes/world.ts';

const BY = { by: 'ops', nowMs: 1000 };

const ordered = (current: Controls, order: Omit<ControlOrder, 'reason'>): Controls => {
  const whole = { reason: 'why', ...order };
  const subject = subjectOf(whole);
  if (subject === undefined) throw new Error('no subject');
  const changed = changeControls(current, whole, subject, BY);
  return changed.kind === 'changed' ? changed.controls : current;
};

describe('an order', () => {
  it('is written down with what was before and what is after', () => {
    const first = ordered(NO_CONTROLS, { tenant: 'a', paused: true });
    const second = ordered(first, { tenant: 'a', weight: 3 });
    const entry = {
      kind: 'tenant',
      name: 'a',
      paused: true,
      reason: 'why',
      changed_at_ms: 1000,
      changed_by: 'ops',
    };

    expect(second).toEqual({
      version: 2,
      controls: [{ ...entry, weight: 3 }],
      last_change: {
        version: 2,
        at_ms: 1000,
        by: 'ops',
        kind: 'tenant',
        name: 'a',
        reason: 'why',
        before: entry,
        after: { ...entry, weight: 3 },
      },
    });
  });

  it('that takes back the last of them leaves nothing set', () => {
    const set = ordered(ordered(NO_CONTROLS, { pool: 'p', paused: true }), {
      pool: 'p',
      quota: { tokens_per_minute: 5 },
    });
    const back = ordered(set, { pool: 'p', paused: false, quota: null });

    expect(back).toMatchObject({ version: 3, controls: [], last_change: { after: null } });
  });

  it.each([[{ pool: 'p', paused: false }], [{ pool: 'p', quota: null }], [{ tenant: 't', weight: null }]])(
    '%j changes nothing where nothing is set',
    (order) => {
      expect(ordered(NO_CONTROLS, order)).toBe(NO_CONTROLS);
    },
  );

  it('that says what is so already changes nothing', () => {
    const set = ordered(NO_CONTROLS, { tenant: 'a', paused: true, weight: 2 });

    expect(ordered(set, { tenant: 'a', paused: true })).toBe(set);
  });

  it('is about one thing', () => {
    expect(subjectOf({})).toBeUndefined();
    expect(subjectOf({ pool: 'p', tenant: 't' })).toBeUndefined();
  });

  it('finds no room after a hundred', () => {
    let controls: Controls = NO_CONTROLS;
    for (let index = 0; index < 100; index += 1)
      controls = ordered(controls, { tenant: `t${index}`, paused: true });
    const order: ControlOrder = { tenant: 'one more', paused: true, reason: 'why' };

    expect(controls.controls).toHaveLength(100);
    expect(changeControls(controls, order, { kind: 'tenant', name: 'one more' }, BY)).toEqual({
      kind: 'too_many',
    });
  });
});

describe('a pause', () => {
  const held = { pool: 'p', tenant: 't', priority: 'low' } as const;

  it.each([
    [{ pool: 'p', paused: true }, true],
    [{ pool: 'q', paused: true }, false],
    [{ tenant: 't', paused: true }, true],
    [{ tenant: 'p', paused: true }, false],
    [{ priority: 'low' as const, paused: true }, true],
    [{ priority: 'high' as const, paused: true }, false],
    [{ tenant: 't', weight: 3 }, false],
  ])('%j keeps the request back: %s', (order, keeps) => {
    expect(pauseOf(ordered(NO_CONTROLS, order), held) !== undefined).toBe(keeps);
  });

  it.each([
    [0, undefined, 5],
    [20_000, undefined, 5],
    [40_000, undefined, 10],
    [3_600_000, undefined, 900],
    [86_400_000, undefined, 900],
    [3_600_000, 0, 5],
    [3_600_000, 50, 5],
    [3_600_000, 601, 61],
    [40_000, 601, 10],
    [86_400_000, 100_000, 900],
  ])('that has lasted %i ms, with %s parked, is looked at again after %i s', (lastsMs, parked, seconds) => {
    const [control] = ordered(NO_CONTROLS, { tenant: 't', paused: true }).controls;
    if (control === undefined) throw new Error('nothing is set');

    expect(lookAgainSeconds(control, 1000 + lastsMs, parked)).toBe(seconds);
  });
});

describe('shares', () => {
  it('that operators set go before those of the settings, in proportion to everybody else', () => {
    const settings = settingsOf({ tenants: { '*': { weight: 2 }, a: { weight: 4 }, b: { weight: 6 } } });

    expect(weightsOf(settings, NO_CONTROLS)).toEqual({ a: 2, b: 3 });
    expect(weightsOf(settings, ordered(NO_CONTROLS, { tenant: 'a', weight: 1 }))).toEqual({ a: 0.5, b: 3 });
  });
});

describe('an operator', () => {
  const ROLE = 'arn:aws:iam::123456789012:role/Ops';
  const SESSION = 'arn:aws:sts::123456789012:assumed-role/Ops/alice';

  it.each([
    ['everybody, where the settings say so', ['*'], undefined, 'anybody'],
    ['everybody by name, where it is known', ['*'], SESSION, SESSION],
    [
      'a user that is named',
      ['arn:aws:iam::1:user/bob'],
      'arn:aws:iam::1:user/bob',
      'arn:aws:iam::1:user/bob',
    ],
    ['a session of a role that is named', [ROLE], SESSION, SESSION],
  ])('is %s', (_, operators, arn, by) => {
    expect(operatorOf(operators, arn)).toEqual({ kind: 'operator', by });
  });

  it.each([
    ['anybody, where none is named', [], SESSION, 'The setting `operators` names nobody.'],
    ['who does not sign', [ROLE], undefined, 'The call is not signed, so nobody knows who makes it.'],
    [
      'another role',
      [ROLE],
      'arn:aws:sts::123456789012:assumed-role/Ops2/alice',
      'arn:aws:sts::123456789012:assumed-role/Ops2/alice is not among the setting `operators`.',
    ],
    [
      'a role of another account',
      [ROLE],
      'arn:aws:sts::999999999999:assumed-role/Ops/alice',
      'arn:aws:sts::999999999999:assumed-role/Ops/alice is not among the setting `operators`.',
    ],
  ])('is not %s', (_, operators, arn, detail) => {
    expect(operatorOf(operators, arn)).toEqual({ kind: 'refused', detail });
  });
});
