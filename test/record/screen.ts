/** A run of characters that look alike. */
export interface Span {
  readonly text: string;
  readonly colour: string | undefined;
  readonly isBold: boolean;
  readonly isDim: boolean;
}

export type Line = readonly Span[];

interface Look {
  readonly colour: string | undefined;
  readonly isBold: boolean;
  readonly isDim: boolean;
}

const PLAIN: Look = { colour: undefined, isBold: false, isDim: false };

const LOOKS: Readonly<Record<string, Partial<Look>>> = {
  '0': PLAIN,
  '1': { isBold: true },
  '2': { isDim: true },
  '22': { isBold: false, isDim: false },
  '31': { colour: 'red' },
  '32': { colour: 'green' },
  '33': { colour: 'yellow' },
  '36': { colour: 'cyan' },
  '39': { colour: undefined },
};

interface Cell {
  readonly sign: string;
  readonly look: Look;
}

/** Of what the command writes to a terminal: text, colours, lines, and how it draws over them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what a terminal is told with
const TOKEN = /\u001b\[(\d*)([A-Za-z])|\r|\n|[^\u001b\r\n]/gu;

const isSame = (one: Look, other: Look): boolean =>
  one.colour === other.colour && one.isBold === other.isBold && one.isDim === other.isDim;

const toSpans = (cells: readonly Cell[]): Line => {
  const spans: { look: Look; text: string }[] = [];
  for (const { sign, look } of cells) {
    const last = spans.at(-1);
    if (last !== undefined && isSame(last.look, look)) last.text += sign;
    else spans.push({ look, text: sign });
  }
  return spans.map(({ look, text }) => ({ ...look, text }));
};

/** A terminal that is as tall as it has to be. */
export class Screen {
  readonly #columns: number;
  readonly #rows: Cell[][] = [[]];
  #row = 0;
  #column = 0;
  #look = PLAIN;

  constructor(columns: number) {
    this.#columns = columns;
  }

  write(text: string): void {
    for (const [token, number = '', order = ''] of text.matchAll(TOKEN)) this.#take(token, number, order);
  }

  lines(): readonly Line[] {
    return this.#rows.map(toSpans);
  }

  #take(token: string, number: string, order: string): void {
    if (order !== '') this.#obey(order, number);
    else if (token === '\r') this.#column = 0;
    else if (token === '\n') this.#moveTo(this.#row + 1, 0);
    else this.#put(token);
  }

  #obey(order: string, number: string): void {
    if (order === 'm') this.#look = { ...this.#look, ...LOOKS[number === '' ? '0' : number] };
    else if (order === 'A') this.#moveTo(this.#row - Number(number || '1'), this.#column);
    else if (order === 'J') this.#clearBelow();
    else throw new Error(`the recorder does not know the order ${number}${order}`);
  }

  #moveTo(row: number, column: number): void {
    this.#row = Math.max(0, row);
    this.#column = column;
    while (this.#rows.length <= this.#row) this.#rows.push([]);
  }

  #clearBelow(): void {
    this.#rows.length = this.#row + 1;
    this.#rows[this.#row] = (this.#rows[this.#row] ?? []).slice(0, this.#column);
  }

  #put(sign: string): void {
    if (this.#column >= this.#columns) this.#moveTo(this.#row + 1, 0);
    const row = this.#rows[this.#row] ?? [];
    row[this.#column] = { sign, look: this.#look };
    this.#column += 1;
  }
}
