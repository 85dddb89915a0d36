import { tenantOfArn, tenantOfSender } from '../../../shared/core/identity/tenant-of.ts';
import { settingsOf } from '../../fakes/world.ts';

const { tenants } = settingsOf({
  tenants: {
    alpha: {
      principals: ['arn:aws:iam::111111111111:role/Alpha', 'arn:aws:iam::111111111111:user/ann'],
      senders: ['AROAALPHAALPHA', '222222222222'],
    },
    beta: { principals: ['111111111111'], senders: ['AIDABETABETABETA'] },
    rest: { principals: ['*'] },
  },
});

describe('the tenant of whoever signs', () => {
  it.each([
    ['arn:aws:iam::111111111111:user/ann', 'alpha'],
    ['arn:aws:sts::111111111111:assumed-role/Alpha/session', 'alpha'],
    ['arn:aws:sts::111111111111:assumed-role/Other/Alpha', 'beta'],
    ['arn:aws:iam::111111111111:user/bob', 'beta'],
    ['arn:aws:iam::333333333333:role/Alpha', 'rest'],
    ['nothing of the kind', 'rest'],
  ])('%s is %s', (arn, tenant) => {
    expect(tenantOfArn(tenants, arn)).toBe(tenant);
  });
});

describe('the tenant of whoever sends', () => {
  it.each([
    ['AROAALPHAALPHA:i-0123456789', 'alpha'],
    ['AROAALPHAALPHA', 'alpha'],
    ['222222222222', 'alpha'],
    ['AIDABETABETABETA', 'beta'],
    ['AROAALPHAALPHAB:x', undefined],
    ['x:AROAALPHAALPHA', undefined],
    ['', undefined],
  ])('%j is %s', (senderId, tenant) => {
    expect(tenantOfSender(tenants, senderId)).toBe(tenant);
  });
});
