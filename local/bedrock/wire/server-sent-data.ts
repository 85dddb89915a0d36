/** The data of each event: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream */
export async function* serverSentData(
  body: AsyncIterable<Uint8Array>,
  maxEventCharacters: number,
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  let data: string[] = [];
  let dataCharacters = 0;
  for await (const bytes of body) {
    rest += decoder.decode(bytes, { stream: true });
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line.startsWith('data:')) {
        data.push(dataOf(line));
        dataCharacters += line.length;
      }
      if (line !== '' || data.length === 0) continue;
      yield data.join('\n');
      data = [];
      dataCharacters = 0;
    }
    if (rest.length + dataCharacters > maxEventCharacters)
      throw new RangeError(`it sent an event of more than ${maxEventCharacters} characters`);
  }
  if (rest.startsWith('data:')) data.push(dataOf(rest));
  if (data.length > 0) yield data.join('\n');
}

function dataOf(line: string): string {
  return line.slice('data:'.length).replace(/^ /, '');
}
