/** The parser quotes what stands around the place; that may be a prompt, and problems are logged by those who get them. */
const QUOTED = /, (\.\.\.)?"(.*)"(\.\.\.)? is not valid JSON$/s;
/** So much of it stands before the place, where more stands before that. */
const QUOTED_BEFORE = 10;

/** What a parser of JSON found wrong, and where, without a word of what it read. */
export const describeJsonFault = ({ message }: SyntaxError, text: string): string => {
  const [quoted, cut, excerpt = ''] = QUOTED.exec(message) ?? [];
  if (quoted === undefined) return message;
  const told = message.slice(0, -quoted.length);
  const found = text.indexOf(excerpt);
  const isCertain = cut !== undefined && found >= 0 && text.indexOf(excerpt, found + 1) < 0;
  return isCertain ? `${told} in JSON at position ${found + QUOTED_BEFORE}` : told;
};
