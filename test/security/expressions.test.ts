import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import {
  createSourceFile,
  forEachChild,
  isRegularExpressionLiteral,
  type Node,
  ScriptTarget,
} from 'typescript';

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

/** What reads only what we or an operator wrote: the paths of routes, the names of models in the settings. */
const TRUSTED: readonly RegExp[] = [/\{[^}]+\}/g, /(?<=\b\d+) (?=\d)/g];

/** Of a length at which a step for every pair of characters takes seconds, and one for every character none. */
const PUMPED = 120_000;
const PATIENCE_MS = 2_000;
/** A machine may stand still for seconds; an expression that goes astray does so every time. */
const TRIES = 3;

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

const attacksOn = (source: string): readonly string[] => {
  const words = wordsOf(source);
  const pieces = [
    ...GENERAL,
    ...words,
    ...words.map((word) => `${word} `),
    ...words.map((word) => `${word}a`),
  ];
  const starts = ['', ...words.slice(0, 2)];
  return pieces.flatMap((piece) =>
    starts.map((start) => `${start}${piece.repeat(Math.ceil(PUMPED / piece.length))}\u0001`),
  );
};

const takesTooLong = (expression: RegExp, text: string): boolean => {
  const context = createContext({ source: expression.source, flags: expression.flags, text });
  try {
    runInContext('new RegExp(source, flags).exec(text)', context, { timeout: PATIENCE_MS });
    return false;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    return true;
  }
};

/** The beginning of a text that it takes too long for, each time. */
const isSlow = (expression: RegExp): string | undefined =>
  attacksOn(expression.source)
    .find((text) => Array.from({ length: TRIES }).every(() => takesTooLong(expression, text)))
    ?.slice(0, 30);

const toExpression = (literal: string): RegExp => {
  const end = literal.lastIndexOf('/');
  return new RegExp(literal.slice(1, end), literal.slice(end + 1));
};

describe('the regular expressions of the source', () => {
  it('are found', () => {
    expect(EXPRESSIONS.length).toBeGreaterThan(100);
  });

  it('would be caught if one went astray', () => {
    expect(takesTooLong(/^(\w+\s?)*$/, `${'a'.repeat(PUMPED)}!`)).toBe(true);
    expect(takesTooLong(/\s+$/, `${' '.repeat(PUMPED)}!`)).toBe(true);
    expect(attacksOn('\\s+$')).toContain(`${' '.repeat(PUMPED)}\u0001`);
  }, 60_000);

  it('none takes much longer for a text that is meant to make it', () => {
    const slow = EXPRESSIONS.filter(
      ({ literal }) => !TRUSTED.some((trusted) => String(trusted) === literal),
    ).flatMap(({ file, literal }) => {
      const text = isSlow(toExpression(literal));
      return text === undefined ? [] : [`${file}: ${literal} by ${JSON.stringify(text)}`];
    });
    expect(slow).toEqual([]);
  }, 120_000);
});
