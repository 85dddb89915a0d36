import fc from 'fast-check';

/** What has broken parsers, stores and terminals before. */
const TEXTS = [
  '',
  ' ',
  '\0',
  '\n',
  '\r\nx-injected: 1',
  '\ud800',
  '\udfff\ud800',
  '\u202e',
  '\ufeff',
  '\u2028',
  'e\u0301',
  '😀',
  '𝕳𝖆𝖑𝖑𝖔',
  '../../etc/passwd',
  '..%2f..%2f',
  '%00',
  '%',
  '%zz',
  '%ff',
  '\u0024{jndi:ldap://x}',
  '{{7*7}}',
  "' OR 1=1 --",
  '<script>',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'null',
  'undefined',
  'NaN',
  '1e400',
  '-0',
  '0x10',
  '010',
  '9007199254740993',
  'true',
  'haiku',
  'low',
  'default',
  'pool#haiku',
  'tenant#haiku#default',
  'a#b',
  'req_00000000000000000000000000',
  'bat_00000000000000000000000000',
  'req_',
  '2026-01-31T12:30:00Z',
  '2026-02-30T00:00:00Z',
  '+275760-09-13T00:00:00Z',
  '[[sim:reject]]',
  'parked:haiku:req_00000000000000000000000000',
  'z:AAAA',
  'x'.repeat(300),
  'é'.repeat(2_000),
] as const;

const NUMBERS = [
  0,
  -0,
  1,
  -1,
  0.1,
  1.5,
  1e-320,
  1e308,
  2 ** 31,
  2 ** 53,
  -(2 ** 53),
  32_000,
  32_001,
] as const;

export const hostileText: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...TEXTS) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 20 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary-ascii', maxLength: 20 }) },
);

const hostileLeaf: fc.Arbitrary<unknown> = fc.oneof(
  hostileText,
  fc.constantFrom<unknown>(...NUMBERS),
  fc.constantFrom<unknown>(null, true, false, [], {}),
);

export const hostileValue: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    hostileLeaf,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(hostileText, tie('value'), { maxKeys: 3 }),
  ),
})).value;

type Path = readonly (string | number)[];

const pathsOf = (value: unknown, at: Path = []): readonly Path[] =>
  typeof value !== 'object' || value === null
    ? [at]
    : [
        at,
        ...(Array.isArray(value)
          ? value.flatMap((entry, index) => pathsOf(entry, [...at, index]))
          : Object.entries(value).flatMap(([name, entry]) => pathsOf(entry, [...at, name]))),
      ];

interface Change {
  readonly where: number;
  readonly how: 'replace' | 'remove' | 'rename' | 'wrap' | 'repeat';
  readonly by: unknown;
  readonly name: string;
}

const changeMember = (members: readonly (readonly [string, unknown])[], key: string, change: Change) =>
  members.flatMap(([name, value]): (readonly [string, unknown])[] => {
    if (name !== key) return [[name, value]];
    if (change.how === 'remove') return [];
    if (change.how === 'rename') return [[change.name, value]];
    return [[name, changeAt(value, [], change)]];
  });

const changeAt = (value: unknown, path: Path, change: Change): unknown => {
  const [first, ...rest] = path;
  if (first === undefined) {
    if (change.how === 'wrap') return [value];
    return change.how === 'repeat' ? [value, value] : change.by;
  }
  if (Array.isArray(value)) {
    const changed = value.map((entry, index) => (index === first ? changeAt(entry, rest, change) : entry));
    return rest.length === 0 && change.how === 'remove' ? value.toSpliced(Number(first), 1) : changed;
  }
  const members = Object.entries(value as object);
  return Object.fromEntries(
    rest.length === 0
      ? changeMember(members, String(first), change)
      : members.map(([name, entry]) => [name, name === first ? changeAt(entry, rest, change) : entry]),
  );
};

const change: fc.Arbitrary<Change> = fc.record({
  where: fc.nat(1_000),
  how: fc.constantFrom('replace', 'replace', 'replace', 'remove', 'rename', 'wrap', 'repeat'),
  by: hostileValue,
  name: hostileText,
});

/** A sound value with a few of its places changed for the worse. */
export const changedValue = (sound: readonly unknown[]): fc.Arbitrary<unknown> =>
  fc.tuple(fc.constantFrom(...sound), fc.array(change, { maxLength: 3 })).map(([value, changes]) =>
    changes.reduce((changed, one) => {
      const paths = pathsOf(changed);
      return changeAt(changed, paths[one.where % paths.length] ?? [], one);
    }, value),
  );

interface Cut {
  readonly at: number;
  readonly length: number;
  readonly put: string;
}

const cut: fc.Arbitrary<Cut> = fc.record({
  at: fc.nat(10_000),
  length: fc.nat(5),
  put: fc.oneof(fc.constantFrom('', '"', '{', '}', '[', ',', ':', '\\', '\\u', '\n', '\0'), hostileText),
});

const cutText = (text: string, { at, length, put }: Cut): string => {
  const place = at % (text.length + 1);
  return text.slice(0, place) + put + text.slice(place + length);
};

/** Text of a value, whole or with characters of it changed. */
export const textOf = (value: fc.Arbitrary<unknown>): fc.Arbitrary<string> =>
  fc
    .tuple(value, fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, fc.array(cut, { maxLength: 3 })))
    .map(([sent, cuts]) => cuts.reduce(cutText, JSON.stringify(sent) ?? ''));
