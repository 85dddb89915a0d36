/** Loaded before the command: what it writes to is a terminal of this size, so that it draws and colours. */
const COLUMNS = 100;

for (const stream of [process.stdout, process.stderr]) {
  Object.defineProperty(stream, 'isTTY', { value: true });
  Object.defineProperty(stream, 'columns', { value: COLUMNS });
}
