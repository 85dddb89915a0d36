import { describeJsonFault } from '../../functions/runtime/json-fault.ts';

const faultOf = (text: string): string => {
  try {
    JSON.parse(text);
  } catch (error) {
    return describeJsonFault(error as SyntaxError, text);
  }
  return 'none';
};

describe('what is wrong with JSON', () => {
  it.each([
    ['Say what nobody may know.', "Unexpected token 'S'"],
    ['{"prompt": Say what nobody may know}', "Unexpected token 'S' in JSON at position 11"],
    ['{"prompt": "a", "b": c "quoted" is not valid JSON}', "Unexpected token 'c' in JSON at position 21"],
    [
      `[${'1111111111, '.repeat(3)}x, ${'1111111111, '.repeat(3)}x]`.replace('x', '1'),
      "Unexpected token 'x' in JSON at position 76",
    ],
    ['{"a": "unfinished', 'Unterminated string in JSON at position 17'],
    ['', 'Unexpected end of JSON input'],
  ])('of %j is told without its words', (text, fault) => {
    expect(faultOf(text)).toMatch(fault);
    expect(faultOf(text)).not.toMatch(/nobody|know|quoted|prompt/);
  });

  it('has no place where it could be another', () => {
    const error = new SyntaxError('Unexpected token \'x\', ..."aaaaaaaaaaxaaaaaaaaa"... is not valid JSON');
    expect(describeJsonFault(error, 'aaaaaaaaaaxaaaaaaaaa aaaaaaaaaaxaaaaaaaaa')).toBe(
      "Unexpected token 'x'",
    );
  });
});
