import conditionParser from 'dynalite/db/conditionParser.js';
import {
  type ExpressionParser,
  rememberExpressions,
} from '../../../../local/cloud/dynamodb/remember-expressions.ts';

/** As dynalite has it before anything is replaced. */
const original: ExpressionParser = { parse: conditionParser.parse };

const counting = () => {
  let parsed = 0;
  const parser = rememberExpressions({
    parse: (text, options) => {
      parsed += 1;
      return original.parse(text, options);
    },
  });
  return { parser, parsed: () => parsed };
};

type Names = Readonly<Record<string, string>>;
type Values = Readonly<Record<string, object>>;

const contextOf = (attrNames: Names, attrVals: Values) => ({
  attrNames,
  attrVals,
  unusedAttrNames: Object.fromEntries(Object.keys(attrNames).map((name) => [name, true as const])),
  unusedAttrVals: Object.fromEntries(Object.keys(attrVals).map((name) => [name, true as const])),
  isReserved: () => false,
  compare: () => false,
});

const outcome = (parser: ExpressionParser, text: string, names: Names, values: Values) => {
  const context = contextOf(names, values);
  const tree = parser.parse(text, { context });
  return { tree, unused: [Object.keys(context.unusedAttrNames), Object.keys(context.unusedAttrVals)] };
};

const STATUS = { '#status': 'status', '#claims': 'claims' };

describe('expressions that come again', () => {
  it.each<[string, Names, Values, Values]>([
    ['attribute_not_exists(request_id)', {}, {}, {}],
    [
      '#status = :seen AND (#claims > :most OR NOT contains(#claims, :seen))',
      STATUS,
      { ':seen': { S: 'queued' }, ':most': { N: '1' } },
      { ':seen': { S: 'running' }, ':most': { N: '7' } },
    ],
    [
      '#status IN (:a, :b)',
      STATUS,
      { ':a': { S: 'a' }, ':b': { S: 'b' } },
      { ':a': { S: 'c' }, ':b': { S: 'd' } },
    ],
    ['begins_with(#status, :a)', STATUS, { ':a': { S: 'a' } }, { ':a': { N: '1' } }],
    [
      '#status BETWEEN :a AND :b',
      STATUS,
      { ':a': { N: '1' }, ':b': { N: '2' } },
      { ':a': { N: '3' }, ':b': { N: '9' } },
    ],
    ['a.#status[3] = :a', STATUS, { ':a': { M: { S: { S: 'a' } } } }, { ':a': { M: { S: { S: 'b' } } } }],
    ['#nobody = :a', STATUS, { ':a': { S: 'a' } }, { ':a': { S: 'b' } }],
  ])('%s means the same as if it were parsed anew', (text, names, first, second) => {
    const { parser } = counting();
    for (const values of [first, second, first])
      expect(outcome(parser, text, names, values)).toEqual(outcome(original, text, names, values));
  });

  it('are parsed once', () => {
    const { parser, parsed } = counting();
    for (const status of ['queued', 'running', 'failed'])
      outcome(parser, '#status = :seen', STATUS, { ':seen': { S: status } });
    expect(parsed()).toBe(1);
  });

  it('give a tree of their own each time, for its user to change', () => {
    const { parser } = counting();
    const text = '#status = :seen';
    const values = { ':seen': { S: 'queued' } };
    const { tree } = outcome(parser, text, STATUS, values);
    Object.assign((tree as { readonly expression: object }).expression, { type: 'changed' });
    expect(outcome(parser, text, STATUS, values)).toEqual(outcome(original, text, STATUS, values));
  });

  it('use what another expression of the first call had used before', () => {
    const { parser } = counting();
    const values = { ':seen': { S: 'queued' } };
    const context = { ...contextOf(STATUS, values), unusedAttrNames: {}, unusedAttrVals: {} };
    parser.parse('#status = :seen', { context });
    expect(outcome(parser, '#status = :seen', STATUS, values).unused).toEqual([['#claims'], []]);
  });
});
