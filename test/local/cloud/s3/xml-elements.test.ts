import { parseDeleteRequest } from '../../../../local/cloud/s3/parse-delete-request.ts';
import { elementsOf } from '../../../../local/cloud/s3/xml-elements.ts';

const objects = (count: number) =>
  Array.from({ length: count }, (_, index) => `<Object><Key>k${index}</Key></Object>`).join('');

test('finds the contents of elements in their order', () => {
  expect(elementsOf('<r><a>1</a>\n<b>x</b><a></a><a>3</a></r>', 'a', 3)).toEqual(['1', '', '3']);
});

test('reads keys with their references, and whether the answer is to be quiet', () => {
  const xml =
    '<Delete><Object><Key>a&amp;b &#x1F600;&#65;</Key></Object><Quiet> true </Quiet><Object><Key>c</Key></Object></Delete>';
  expect(parseDeleteRequest(xml)).toEqual({ keys: ['a&b 😀A', 'c'], quiet: true });
});

test('a thousand objects may be named, and no more', () => {
  expect(parseDeleteRequest(`<Delete>${objects(1_000)}</Delete>`).keys).toHaveLength(1_000);
  expect(() => parseDeleteRequest(`<Delete>${objects(1_001)}</Delete>`)).toThrow(
    'There are more than 1000 of Object.',
  );
});

test.each([
  ['nothing', '<Delete></Delete>', 'A Delete must name 1 to 1000 objects.'],
  ['an object without end', '<Delete><Object><Key>a</Key></Delete>', 'A Object has no end.'],
  ['an object without key', '<Delete><Object></Object></Delete>', 'An Object must have one Key.'],
  ['an object with two', '<Object><Key>a</Key><Key>b</Key></Object>', 'An Object must have one Key.'],
  ['an empty key', '<Object><Key></Key></Object>', 'An Object must have one Key.'],
  ['a character that is none', '<Object><Key>&#x110000;</Key></Object>', '&#x110000; is no character.'],
])('refuses %s as malformed', (_, xml, reason) => {
  expect(() => parseDeleteRequest(xml)).toThrow(
    `The XML you provided was not well-formed or did not validate against our published schema. ${reason}`,
  );
});

test('a version is not deleted as if it were the object', () => {
  const xml = '<Object><Key>a</Key><VersionId>1</VersionId></Object>';
  expect(() => parseDeleteRequest(xml)).toThrow('DeleteObjects with VersionId is not supported');
});

test('a document of nothing but beginnings is refused at the first of them', () => {
  const refused = () => elementsOf('<Object>'.repeat(1_000_000), 'Object', 1_000);
  expect(refused).toThrow('A Object has no end.');
});
