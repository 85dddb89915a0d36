import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Frame, renderTerminal } from './render-terminal.ts';
import { Screen } from './screen.ts';

/** As in as-terminal.ts. */
const COLUMNS = 100;
const PROMPTS = 1000;
/** A reader waits less than who asks a thousand things. */
const TIMES_FASTER = 4;
const REST_MS = 6000;
const OUT = 'docs/images/run.svg';
const SHOWN = '$ smoother run prompts.jsonl --out results.jsonl\n';

const fileUrl = (path: string): string => pathToFileURL(path).href;

const promptsOf = (count: number): string =>
  Array.from(
    { length: count },
    (_, index) =>
      `${JSON.stringify({ custom_id: `city-${index + 1}`, prompt: `Name city number ${index + 1} and say why it is worth a visit.`, max_tokens: 100 })}\n`,
  ).join('');

/** Runs the command with streams that it takes for a terminal, and keeps what it shows and when. */
const record = async (folder: string): Promise<readonly Frame[]> => {
  const terminal = new Screen(COLUMNS);
  terminal.write(SHOWN);
  const frames: Frame[] = [{ atMs: 0, lines: terminal.lines() }];
  const program = [
    '--import',
    fileUrl(require.resolve('tsx')),
    '--import',
    fileUrl(join(__dirname, 'as-terminal.ts')),
  ];
  const child = spawn(
    process.execPath,
    [...program, join(__dirname, '../../cli/smoother.ts'), 'run', 'prompts.jsonl', '--out', 'results.jsonl'],
    { cwd: folder, env: { PATH: process.env.PATH, HOME: folder }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const startedAtMs = Date.now();
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      terminal.write(text);
      frames.push({ atMs: (Date.now() - startedAtMs) / TIMES_FASTER, lines: terminal.lines() });
    });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`the command ended with ${code}`);
  return frames;
};

const main = async (): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'smoother-record-'));
  try {
    writeFileSync(join(folder, 'prompts.jsonl'), promptsOf(PROMPTS));
    const frames = await record(folder);
    const title = `smoother run answers a file of ${PROMPTS} prompts, ${TIMES_FASTER} times as fast as it was`;
    writeFileSync(OUT, renderTerminal(frames, { title, columns: COLUMNS, restMs: REST_MS }));
    process.stdout.write(`${OUT}: ${frames.length} frames\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
};

void main();
