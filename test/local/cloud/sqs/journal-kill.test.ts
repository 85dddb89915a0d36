import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** More of them, to attack the journal in earnest: JOURNAL_KILLS=300 npx jest journal-kill */
const KILLS = Number(process.env.JOURNAL_KILLS ?? 12);
const MOMENTS = ['append', 'carry', 'carried', 'unlink', 'unlinked', 'never'] as const;

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'journal-kill-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Every line that it told before its end. */
async function runUntilKilled(run: number, moment: string, count: number): Promise<string[][]> {
  const script = join(__dirname, 'journal-process.ts');
  const args = ['--import', 'tsx', script, directory, String(run), moment, String(count)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], timeout: 20_000 });
  const lines: string[][] = [];
  let rest = '';
  child.stdout.on('data', (chunk: Buffer) => {
    const parts = (rest + chunk.toString()).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts.map((part) => part.split(' ')));
    if (moment === 'never' && lines.length > 100 * count) child.kill('SIGKILL');
  });
  const [code, signal] = await once(child, 'close');
  expect({ code, signal }).toEqual({ code: null, signal: 'SIGKILL' });
  return lines;
}

type Where = 'a' | 'b' | 'a or b' | 'gone or a' | 'gone or b' | 'gone or a or b' | 'gone';

/** What must be true of each message, by what its process told. */
class Expected {
  readonly #messages = new Map<string, Where>();

  note([word, ...ids]: readonly string[]): void {
    for (const id of ids) {
      const before = this.#messages.get(id) ?? 'gone';
      if (word === 'sent') this.#messages.set(id, 'a');
      else if (word === 'moved?') this.#messages.set(id, before === 'b' ? 'b' : 'a or b');
      else if (word === 'moved') this.#messages.set(id, 'b');
      else if (word === 'removed?') this.#messages.set(id, `gone or ${before}` as Where);
      else if (word === 'removed') this.#messages.set(id, 'gone');
    }
  }

  /** What a process finds is what the next one must find, too. */
  faultsOf(found: readonly string[][]): string[] {
    const queues = new Map<string, string>();
    const faults: string[] = [];
    for (const [, id = '', queue = '', state] of found) {
      if (queues.has(id)) faults.push(`${id} is there twice`);
      if (state !== 'whole') faults.push(`${id} is ${state}`);
      queues.set(id, queue);
    }
    for (const [id, where] of this.#messages) {
      const is = queues.get(id) ?? 'gone';
      if (!where.split(' or ').includes(is)) faults.push(`${id} must be ${where} and is ${is}`);
      this.#messages.set(id, is as Where);
    }
    // Those that were sent and not acknowledged may be there, but not come and go.
    for (const [id, queue] of queues) if (!this.#messages.has(id)) this.#messages.set(id, queue as Where);
    return faults;
  }

  get alive(): number {
    return [...this.#messages.values()].filter((where) => where !== 'gone').length;
  }
}

test(
  'killed at any moment, it has lost nothing that was acknowledged, doubled nothing and revived nothing',
  async () => {
    const expected = new Expected();
    const died: string[] = [];
    let checked = 0;
    for (let run = 0; run < KILLS; run++) {
      const moment = MOMENTS[run % MOMENTS.length] ?? 'never';
      const lines = await runUntilKilled(run, moment, moment === 'append' ? 40 + run : 1 + (run % 5));
      // It may die before it has told all, since it carries at its start, too.
      if (lines.some(([word]) => word === 'ready')) {
        expect(expected.faultsOf(lines.filter(([word]) => word === 'found'))).toEqual([]);
        checked++;
      }
      for (const line of lines) expected.note(line);
      died.push(...lines.flatMap(([word, here]) => (word === 'died' && here !== undefined ? [here] : [])));
    }
    expect(new Set(died)).toEqual(new Set(['append', 'carry', 'carried', 'unlink', 'unlinked']));
    expect(checked).toBeGreaterThan(KILLS / 3);
    expect(expected.alive).toBeGreaterThan(100);
  },
  KILLS * 5_000,
);
