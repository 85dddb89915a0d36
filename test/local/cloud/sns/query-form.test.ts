import { QueryForm } from '../../../../local/cloud/sns/query-form.ts';

test('reads structures by their numbers, up to the first that is missing', () => {
  const form = QueryForm.parse(
    'a.member.2.B=2&a.member.1.B=1&a.member.1.C.D=x&a.member.4.B=4&b=c&a.member=y',
  );
  const entries = form.list('a.member');
  expect(entries.map((entry) => entry.get('B'))).toEqual(['1', '2']);
  expect(entries[0]?.get('C.D')).toBe('x');
  expect(form.list('b')).toEqual([]);
});

test('reads maps', () => {
  const form = QueryForm.parse(
    'Attributes.entry.1.key=a&Attributes.entry.1.value=b&Attributes.entry.2.key=c',
  );
  expect([...form.map('Attributes')]).toEqual([
    ['a', 'b'],
    ['c', ''],
  ]);
});

test('a list of very many structures is read in one pass', () => {
  const body = Array.from({ length: 100_000 }, (_, index) => `l.${index + 1}.Id=${index}`).join('&');
  expect(QueryForm.parse(body).list('l')).toHaveLength(100_000);
});
