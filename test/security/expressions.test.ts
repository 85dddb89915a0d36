import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  createSourceFile,
  forEachChild,
  isRegularExpressionLiteral,
  type Node,
  ScriptTarget,
} from 'typescript';
import { countSteps } from './count-steps.ts';

const ROOT = resolve(__dirname, '../..');
const FOLDERS = ['functions', 'shared', 'local', 'cli'];

interface Expression {
  readonly file: string;
  readonly literal: string;
}

const literalsIn = (file: string): readonly Expression[] => {
  const found: Expression[] = [];
  const visit = (node: Node): void => {
    if (isRegularExpressionLiteral(node)) found.push({ file, literal: node.text });
    forEachChild(node, visit);
  };
  visit(createSourceFile(file, readFileSync(join(ROOT, file), 'utf8'), ScriptTarget.Latest));
  return found;
};

const EXPRESSIONS = FOLDERS.flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'))
    .flatMap((path) => literalsIn(join(folder, path))),
);

/**
 * What reads only what we or an operator wrote: the paths of routes, the names of models in the settings, a number of
 * dollars with six digits.
 */
const TRUSTED: readonly RegExp[] = [/\{[^}]+\}/g, /(?<=\b\d+) (?=\d)/g, /\.?0+$/];

/** The growth of its steps tells whether an expression has a step for every pair of characters, or one for each. */
const SHORT = 200;
const LONG = 400;
/** Twice as long may take twice as many, and no more than that: four times as many would be every pair. */
const MOST_GROWTH = 2.6;
/** So few cost nothing, however they grow: some look at a bounded number of characters from each place. */
const FEW_FOR_EACH = 4;
const MOST_STEPS = 1_000_000;

const GENERAL = [
  'a',
  'A',
  '0',
  ' ',
  '-',
  '_',
  '/',
  '.',
  ',',
  ';',
  '"',
  '=',
  '%',
  '\\',
  '\n',
  '\t',
  '{',
  '[',
  ':',
  'é',
  '😀',
];

/** Its own words, as far as they stand for themselves. */
const wordsOf = (source: string): readonly string[] => {
  const words = source
    .replaceAll(/\\[dwsDWSbB]|\[[^\]]*\]|\(\?[<:=!]+|[()|^$?*+]|\{\d+,?\d*\}/g, '\0')
    .replaceAll('\\', '')
    .split('\0')
    .filter((word) => word !== '');
  return [...new Set(words)].slice(0, 6);
};

interface Attack {
  readonly begin: string;
  readonly piece: string;
}

const textOf = ({ begin, piece }: Attack, length: number): string =>
  `${begin}${piece.repeat(Math.ceil(length / piece.length))}\u0001`;

const attacksOn = (source: string): readonly Attack[] => {
  const words = wordsOf(source);
  const pieces = [
    ...GENERAL,
    ...words,
    ...words.map((word) => `${word} `),
    ...words.map((word) => `${word}a`),
  ];
  const starts = ['', ...words.slice(0, 2)];
  return pieces.flatMap((piece) => starts.map((begin) => ({ begin, piece })));
};

const goesAstray = (expression: RegExp, attack: Attack): boolean => {
  const [short, long] = [SHORT, LONG].map((length) => {
    const text = textOf(attack, length);
    return { ...countSteps(expression, text, MOST_STEPS), characters: text.length };
  });
  if (short === undefined || long === undefined || long.steps <= long.characters * FEW_FOR_EACH) return false;
  return long.steps / short.steps > MOST_GROWTH || long.steps === Number.POSITIVE_INFINITY;
};

/** What makes it take too long. */
const attackOf = (expression: RegExp): Attack | undefined =>
  attacksOn(expression.source).find((attack) => goesAstray(expression, attack));

const toExpression = (literal: string): RegExp => {
  const end = literal.lastIndexOf('/');
  return new RegExp(literal.slice(1, end), literal.slice(end + 1));
};

describe('the regular expressions of the source', () => {
  it('are found', () => {
    expect(EXPRESSIONS.length).toBeGreaterThan(100);
  });

  it.each([
    [/^(\w+\s?)*$/, 'a'],
    [/\s+$/, ' '],
    [/^(a|a)*$/, 'a'],
    [/(x+x+)+y/, 'x'],
    [/"[^,]*,/, '"'],
  ])('%s would be caught', (expression, piece) => {
    expect(attacksOn(expression.source)).toContainEqual({ begin: '', piece });
    expect(attackOf(expression)).toBeDefined();
  });

  it.each([/^\w+$/, /^[^"]*$/, /^(a|b)+$/, /^.{0,2048}$/, /[.?!]$/])('%s would not', (expression) => {
    expect(attackOf(expression)).toBeUndefined();
  });

  it('are searched as the engine searches: each finds the same in what is meant for it', () => {
    const different = EXPRESSIONS.flatMap(({ literal }) => {
      const { source, flags } = toExpression(literal);
      const expression = new RegExp(source, flags.replace('g', ''));
      return attacksOn(expression.source).flatMap((attack) => {
        const text = textOf(attack, 20);
        const isSame = countSteps(expression, text, MOST_STEPS).found === expression.exec(text)?.[0];
        return isSame ? [] : [`${literal} in ${text}`];
      });
    });
    expect(different).toEqual([]);
  });

  it('none takes more than a few steps for each character of a text that is meant to make it', () => {
    const astray = EXPRESSIONS.filter(
      ({ literal }) => !TRUSTED.some((trusted) => String(trusted) === literal),
    ).flatMap(({ file, literal }) => {
      const attack = attackOf(toExpression(literal));
      return attack === undefined ? [] : [`${file}: ${literal} by ${JSON.stringify(attack)}`];
    });
    expect(astray).toEqual([]);
  });
});
