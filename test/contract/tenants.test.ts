import { parseSettings } from '../../shared/contract/settings.ts';
import { tenantSettingsOf } from '../../shared/contract/tenants.ts';
import { settingsOf } from '../core/samples.ts';

describe('the settings of a tenant', () => {
  const settings = settingsOf({
    tenants: { billing: { weight: 3 }, '*': { max_waiting: 50 }, 'a.b-c_9': { max_waiting: 1 } },
  });

  it.each([
    ['its own, filled with the defaults', 'billing', { weight: 3, max_waiting: 100_000 }],
    ['those of everybody else', 'somebody', { weight: 1, max_waiting: 50 }],
    ['no member of every object', 'constructor', { weight: 1, max_waiting: 50 }],
  ])('are %s', (_, tenant, expected) => {
    expect(tenantSettingsOf(settings, tenant)).toEqual(expected);
  });

  it('are the defaults where nobody is named', () => {
    expect(tenantSettingsOf(settingsOf({}), 'toString')).toEqual({ weight: 1, max_waiting: 100_000 });
  });

  it.each(['', 'a b', '.a', 'x'.repeat(65), '**'])('may not be those of `%s`', (name) => {
    expect(parseSettings({ tenants: { [name]: {} } })).toMatchObject({
      ok: false,
      faults: [{ setting: `tenants.${name}`, detail: expect.stringMatching(/^must be `\*`/) }],
    });
  });

  it.each([
    [{ weight: 0.01, max_waiting: 1 }, true],
    [{ weight: 100, max_waiting: 10_000_000 }, true],
    [{ weight: 0 }, false],
    [{ weight: 100.1 }, false],
    [{ max_waiting: 0 }, false],
    [{ max_waiting: 10_000_001 }, false],
    [{ max_waiting: '5' }, false],
    [3, false],
  ])('in %j are within their range: %s', (tenant, ok) => {
    expect(parseSettings({ tenants: { a: tenant } }).ok).toBe(ok);
  });
});

describe('who is a tenant', () => {
  it.each([
    [
      {
        a: { principals: ['arn:aws:iam::123456789012:role/R'] },
        b: { principals: ['arn:aws:iam::123456789012:role/R'] },
      },
      'tenants.b.principals',
      /^names `arn:aws:iam::123456789012:role\/R`, which `a` names too/,
    ],
    [
      { a: { senders: ['*'] }, b: { senders: ['AIDAAAAAAAAAAAA', '*'] } },
      'tenants.b.senders',
      /nobody can be two/,
    ],
    [{ '*': { principals: ['123456789012'] } }, 'tenants.*.principals', /^means nothing/],
    [
      { a: { principals: ['AROAEXAMPLEID'] } },
      'tenants.a.principals.0',
      /^must be the ARN of a user or a role/,
    ],
    [
      { a: { senders: ['arn:aws:iam::123456789012:role/R'] } },
      'tenants.a.senders.0',
      /^must be the id of a user/,
    ],
  ])('%j is refused', (tenants, setting, detail) => {
    expect(parseSettings({ tenants })).toEqual({
      ok: false,
      faults: [{ setting, detail: expect.stringMatching(detail) }],
    });
  });

  it('may stand in both lists of one tenant', () => {
    const tenants = { a: { principals: ['123456789012'], senders: ['123456789012'] }, b: { senders: ['*'] } };
    expect(parseSettings({ tenants }).ok).toBe(true);
  });
});
