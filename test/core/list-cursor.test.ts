import { parseCursor, toCursor } from '../../shared/core/list-cursor.ts';

const POSITION = { requestId: 'req_01KG9VHN000123456789ABCDEF', atMs: 1_769_860_800_000 };
const encode = (text: string): string => Buffer.from(text).toString('base64url');

describe('list-cursor', () => {
  it('comes back as it went, of its own list only', () => {
    const cursor = toCursor('tenant', POSITION);
    expect(cursor).toMatch(/^[\w-]+$/);
    expect(parseCursor('tenant', cursor)).toEqual(POSITION);
    expect(parseCursor('attention', cursor)).toBeUndefined();
  });

  it.each([
    '',
    'x',
    '💥',
    encode('1.tenant.5.req_01KG9VHN000123456789ABCDEF.more'),
    encode('2.tenant.5.req_01KG9VHN000123456789ABCDEF'),
    encode('1.tenant.5.pool#haiku'),
    encode('1.tenant.-5.req_01KG9VHN000123456789ABCDEF'),
    encode('1.tenant.NaN.req_01KG9VHN000123456789ABCDEF'),
  ])('is refused as `%s`', (text) => {
    expect(parseCursor('tenant', text)).toBeUndefined();
  });
});
