const BAR_CHARACTERS = 30;
/** Without a terminal a line now and then is enough. */
const LINE_EVERY_MS = 30_000;

export const barOf = (share: number): string => {
  const full = Math.round(Math.min(1, Math.max(0, share)) * BAR_CHARACTERS);
  return `[${'='.repeat(full)}${' '.repeat(BAR_CHARACTERS - full)}]`;
};

/** A bar on a terminal, plain lines otherwise; on standard error. */
export const createProgressBar = (name: string) => {
  const { stderr } = process;
  let nextLineAtMs = 0;
  return {
    show: (share: number, text: string): void => {
      if (stderr.isTTY) stderr.write(`\r\u001b[K${barOf(share)} ${name}: ${text}`);
      else if (performance.now() >= nextLineAtMs) {
        nextLineAtMs = performance.now() + LINE_EVERY_MS;
        stderr.write(`${name}: ${Math.floor(share * 100)} %, ${text}\n`);
      }
    },
    end: (): void => {
      if (stderr.isTTY) stderr.write('\r\u001b[K');
    },
  };
};
