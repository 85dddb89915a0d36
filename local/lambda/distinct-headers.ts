/** Names in lower case, values in the order they came; HTTP/2 says the host in a header of its own. */
export function distinctHeaders(rawHeaders: readonly string[]): Readonly<Record<string, readonly string[]>> {
  const headers = new Map<string, string[]>();
  for (let place = 0; place + 1 < rawHeaders.length; place += 2) {
    const sent = rawHeaders[place]?.toLowerCase() ?? '';
    const name = sent === ':authority' ? 'host' : sent;
    if (name.startsWith(':')) continue;
    const values = headers.get(name) ?? [];
    values.push(rawHeaders[place + 1] ?? '');
    headers.set(name, values);
  }
  return Object.fromEntries(headers);
}
