/** What was written to a pipe leaves the process in its own time. */
const flushed = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((settle) => {
    if (!stream.writable) settle();
    else stream.write('', () => settle());
  });

/** Ends with this code, once whoever reads has got everything. */
export const exit = async (code: number): Promise<never> => {
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  process.exit(code);
};
