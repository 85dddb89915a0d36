/** What dynalite gives its parsers, and what it looks at again when they are done. */
interface ExpressionContext {
  readonly attrNames?: Readonly<Record<string, string>> | null;
  readonly attrVals?: Readonly<Record<string, object>> | null;
  /** What an expression uses is taken out. */
  readonly unusedAttrNames: Record<string, true>;
  readonly unusedAttrVals: Record<string, true>;
}

export interface ExpressionParser {
  parse(text: string, options: { readonly context: ExpressionContext }): unknown;
}

interface Remembered {
  /** As it was parsed, with the names of values in place of values. */
  readonly tree: unknown;
  readonly usedNames: readonly string[];
  readonly usedValues: readonly string[];
}

class ValueNamed {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** Whether they are right depends on the values themselves and not on their types alone. */
const BY_VALUE = /between|attribute_type/i;
const MOST_REMEMBERED = 1_000;

const copy = (node: unknown, replace: (object: object) => unknown): unknown => {
  if (typeof node !== 'object' || node === null) return node;
  const replaced = replace(node);
  if (replaced !== undefined) return replaced;
  if (Array.isArray(node)) return node.map((each) => copy(each, replace));
  const made = Object.create(Object.getPrototypeOf(node)) as Record<string, unknown>;
  for (const [name, value] of Object.entries(node)) made[name] = copy(value, replace);
  return made;
};

const keyOf = (text: string, { attrNames, attrVals }: ExpressionContext): string =>
  JSON.stringify([
    text,
    attrNames,
    Object.entries(attrVals ?? {}).map(([name, value]) => [name, Object.keys(value)]),
  ]);

const allOf = (named: object | null | undefined): Record<string, true> =>
  Object.fromEntries(Object.keys(named ?? {}).map((name) => [name, true]));

const missingIn = (left: object, all: object | null | undefined): readonly string[] =>
  Object.keys(all ?? {}).filter((name) => !Object.hasOwn(left, name));

/** Its values are found again by what they are: each one is an object of its own. */
const remember = (tree: unknown, { attrVals }: ExpressionContext): unknown => {
  const names = new Map(Object.entries(attrVals ?? {}).map(([name, value]) => [value, name]));
  return copy(tree, (object) => {
    const name = names.get(object);
    return name === undefined ? undefined : new ValueNamed(name);
  });
};

const recall = ({ tree, usedNames, usedValues }: Remembered, context: ExpressionContext): unknown => {
  for (const name of usedNames) delete context.unusedAttrNames[name];
  for (const name of usedValues) delete context.unusedAttrVals[name];
  return copy(tree, (node) => (node instanceof ValueNamed ? context.attrVals?.[node.name] : undefined));
};

/** What another expression of the same call has used already counts, too. */
const parseAlone = (
  parse: ExpressionParser['parse'],
  text: string,
  context: ExpressionContext,
): Remembered => {
  const { attrNames, attrVals } = context;
  const alone = { ...context, unusedAttrNames: allOf(attrNames), unusedAttrVals: allOf(attrVals) };
  const tree = remember(parse(text, { context: alone }), context);
  return {
    tree,
    usedNames: missingIn(alone.unusedAttrNames, attrNames),
    usedValues: missingIn(alone.unusedAttrVals, attrVals),
  };
};

/**
 * To parse the same few expressions for each write was a third of what a write costs. The same text with the same names
 * and with values of the same types is parsed once.
 */
export const rememberExpressions = ({ parse }: ExpressionParser): ExpressionParser => {
  const known = new Map<string, Remembered>();
  return {
    parse: (text, options) => {
      const { context } = options;
      if (BY_VALUE.test(text)) return parse(text, options);
      const key = keyOf(text, context);
      const found = known.get(key) ?? parseAlone(parse, text, context);
      if (known.size >= MOST_REMEMBERED) known.clear();
      known.set(key, found);
      return recall(found, context);
    },
  };
};
