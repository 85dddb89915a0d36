import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  defaultBatchingWindowSeconds,
  defaultFunctionMemoryMb,
  limits,
} from '../../../local/lambda/event-source-mapping-options.ts';

const root = join(__dirname, '../../..');
const docs = readFileSync(join(root, 'docs/event-source-mapping.md'), 'utf8');
const blocks = [...docs.matchAll(/```(\w*)\n([\s\S]*?)```/g)].map(([, , code = '']) => code);

/** The cells of the row that tells of an option. */
const rowOf = (option: string): readonly string[] =>
  (docs.split('\n').find((line) => line.startsWith(`| \`${option}\``)) ?? '')
    .split('|')
    .map((cell) => cell.trim());

describe('the documentation of the event source mapping', () => {
  it('shows an example that prints what it says', async () => {
    const [example = '', printed = ''] = blocks;
    const folder = await mkdtemp(join(tmpdir(), 'mapping-'));
    const file = join(folder, 'mapping.mts');
    const sdk = require.resolve('@aws-sdk/client-sqs');
    await writeFile(
      file,
      example.replaceAll("'./local/", `'${root}/local/`).replace('@aws-sdk/client-sqs', sdk),
    );
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', file], { cwd: root });
    await rm(folder, { recursive: true });
    expect(stdout.split('\n').sort()).toEqual(printed.split('\n').sort());
  }, 30_000);

  it.each(Object.entries(limits))('tells the limits of %s', (option, { min, max }) => {
    expect(rowOf(option)[3]).toMatch(new RegExp(`^${min} to ${max}\\b`));
  });

  it('tells the defaults', () => {
    expect(rowOf('batchingWindowSeconds')[2]).toBe(String(defaultBatchingWindowSeconds));
    expect(rowOf('functionMemoryMb')[2]).toBe(String(defaultFunctionMemoryMb));
  });
});
