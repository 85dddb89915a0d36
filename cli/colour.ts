export type Paint = (text: string) => string;

export interface Palette {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly green: Paint;
  readonly red: Paint;
  readonly yellow: Paint;
  readonly cyan: Paint;
}

const plain: Paint = (text) => text;
const paint =
  (open: number, close: number): Paint =>
  (text) =>
    `\u001b[${open}m${text}\u001b[${close}m`;

/** Colours on a terminal; plain text when piped, or when `NO_COLOR` is set. */
export const createPalette = (enabled: boolean): Palette =>
  enabled
    ? {
        bold: paint(1, 22),
        dim: paint(2, 22),
        green: paint(32, 39),
        red: paint(31, 39),
        yellow: paint(33, 39),
        cyan: paint(36, 39),
      }
    : { bold: plain, dim: plain, green: plain, red: plain, yellow: plain, cyan: plain };
