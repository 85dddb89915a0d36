import {
  attributesMd5,
  parsePayload,
  payloadBytes,
  selectAttributes,
} from '../../../../local/cloud/sqs/message-content.ts';

const ATTRIBUTES = {
  count: { DataType: 'Number', StringValue: '7' },
  tenant: { DataType: 'String', StringValue: 'acme 😀' },
  raw: { DataType: 'Binary.png', BinaryValue: 'AAH/' },
};

test.each([
  ['every plane', 'a é 日本 😀 𝒳 \u{10FFFF}'],
  ['the blanks that XML allows', 'tab\tline\nreturn\r'],
  ['the edges of the allowed ranges', '\u{20}\u{D7FF}\u{E000}\u{FFFD}\u{10000}'],
])('accepts %s', (_what, body) => {
  expect(parsePayload({ MessageBody: body }).body).toBe(body);
});

test.each([
  ['NUL', 'a\u0000'],
  ['vertical tab', 'a\u000B'],
  ['U+001F', 'a\u001F'],
  ['U+FFFE', 'a\uFFFE'],
  ['U+FFFF', 'a\uFFFF'],
  ['a high surrogate alone', 'a\uD83Db'],
  ['a low surrogate alone', 'a\uDE00'],
])('refuses %s', (_what, body) => {
  expect(() => parsePayload({ MessageBody: body })).toThrow(
    expect.objectContaining({ code: 'InvalidMessageContents' }),
  );
});

test('digests body and attributes as AWS does', () => {
  expect(parsePayload({ MessageBody: 'hé 😀 日本' }).bodyMd5).toBe('2fcac70fddce5aa36e2df89dfe9da4bb');
  expect(attributesMd5({ x: { DataType: 'String', StringValue: 'y' } })).toBe(
    '60bccc2493f2208427ba7907b3c95929',
  );
  expect(attributesMd5(ATTRIBUTES)).toBe('72a098a4b990c9500148d068e9376a07');
});

test('counts bytes of names, types and values', () => {
  const attributes = {
    x: { DataType: 'String', StringValue: '😀' },
    b: { DataType: 'Binary', BinaryValue: 'AAH/' },
  };
  expect(payloadBytes({ body: 'é', bodyMd5: '', attributes, traceHeader: undefined })).toBe(
    2 + (1 + 6 + 4) + (1 + 6 + 3),
  );
});

test.each([
  [['All'], ['count', 'tenant', 'raw']],
  [['.*'], ['count', 'tenant', 'raw']],
  [['tenant', 'missing'], ['tenant']],
  [[], []],
])('selects by %j', (names, expected) => {
  expect(Object.keys(selectAttributes(ATTRIBUTES, names) ?? {})).toEqual(expected);
});

test('selects by prefix', () => {
  const attribute = { DataType: 'String', StringValue: 'y' };
  const attributes = { 'a.b': attribute, 'a.c': attribute, ab: attribute };
  expect(Object.keys(selectAttributes(attributes, ['a.*']) ?? {})).toEqual(['a.b', 'a.c']);
});

test.each([
  ['no type', { x: { StringValue: 'y' } }],
  ['an unknown type', { x: { DataType: 'Text', StringValue: 'y' } }],
  ['an empty value', { x: { DataType: 'String', StringValue: '' } }],
  ['a value of the other kind', { x: { DataType: 'Binary', StringValue: 'y' } }],
  ['a reserved name', { 'AWS.x': { DataType: 'String', StringValue: 'y' } }],
  [
    'eleven of them',
    Object.fromEntries(
      Array.from({ length: 11 }, (_, i) => [`x${i}`, { DataType: 'String', StringValue: 'y' }]),
    ),
  ],
])('refuses attributes with %s', (_what, MessageAttributes) => {
  expect(() => parsePayload({ MessageBody: 'a', MessageAttributes })).toThrow();
});
