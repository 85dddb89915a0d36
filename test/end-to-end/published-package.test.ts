import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Result } from '../../shared/contract/request.ts';
import { type InstalledPackage, installPacked } from './published-package.ts';
import { PROJECT_ROOT, type SmootherProcess, startSmoother } from './smoother-process.ts';

const run = promisify(execFile);

/** The fenced block of docs/client.md that follows a heading, as it stands there. */
const blockUnder = async (heading: string): Promise<string> => {
  const page = await readFile(join(PROJECT_ROOT, 'docs/client.md'), 'utf8');
  return /```ts\n(.*?)```/s.exec(page.split(`## ${heading}\n`)[1] ?? '')?.[1] ?? '';
};

const EXAMPLES = ['Ask', 'A batch', 'To the queue', 'Signed by IAM'] as const;

describe('the packed tarball, installed elsewhere', () => {
  let root: string;
  let installed: InstalledPackage;

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'smoother-packed-'));
    installed = await installPacked(root);
  }, 180_000);

  afterAll(() => rm(root, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }), 60_000);

  it('holds the command, its processes and the client, and no sources, tests or functions', () => {
    expect(installed.files).toEqual(
      expect.arrayContaining([
        'dist/cli/smoother.js',
        'dist/local/cloud-process.js',
        'dist/local/function-process.js',
        'dist/client/smoother.mjs',
        'dist/client/smoother.cjs',
        'dist/client/types/cli/client/smoother.d.ts',
        'README.md',
        'LICENSE',
      ]),
    );
    expect(
      installed.files.filter((file) => /^(test|shared|cli|local|functions|dist\/functions)\//.test(file)),
    ).toEqual([]);
  });

  it('answers a file of prompts by npx', async () => {
    const { folder } = installed;
    await writeFile(join(folder, 'prompts.txt'), 'one\ntwo\nthree\n');
    const args = ['--offline', 'bedrock-request-smoother', 'run', 'prompts.txt', '--out', 'results.jsonl'];
    const { stderr } = await run('npx', [...args, '--simulator', 'latency_scale=0'], { cwd: folder });
    expect(stderr).toContain('3 done, 0 failed in ');
    const lines = (await readFile(join(folder, 'results.jsonl'), 'utf8')).trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as Result).custom_id).sort()).toEqual([
      'line-1',
      'line-2',
      'line-3',
    ]);
  }, 90_000);

  it('has a client for both kinds of modules', async () => {
    const { folder } = installed;
    const name = 'bedrock-request-smoother/client';
    const script = `const one = require('${name}'); import('${name}').then((other) => console.log(typeof one.Smoother, typeof other.Smoother));`;
    const { stdout } = await run(process.execPath, ['-e', script], { cwd: folder });
    expect(stdout).toBe('function function\n');
  }, 30_000);

  it('has types with which the examples of the docs compile, and which see a mistake', async () => {
    const { folder } = installed;
    const files = ['mistake.mts'];
    for (const [index, heading] of EXAMPLES.entries()) {
      files.push(`example-${index}.mts`);
      await writeFile(join(folder, `example-${index}.mts`), await blockUnder(heading));
    }
    await writeFile(
      join(folder, 'mistake.mts'),
      "import { Smoother } from 'bedrock-request-smoother/client';\nawait new Smoother({ endpoint: '' }).submit({ promt: 'x' });\n",
    );
    const tsc = join(PROJECT_ROOT, 'node_modules/typescript/bin/tsc');
    const options = '--noEmit --strict --skipLibCheck --target es2023 --module nodenext --types node'.split(
      ' ',
    );
    const failed = await run(process.execPath, [tsc, ...options, ...files], { cwd: folder }).catch(
      (error: { stdout: string }) => error,
    );
    expect(
      failed.stdout
        .trim()
        .split('\n')
        .filter((line) => line.includes('error TS')),
    ).toEqual([expect.stringMatching(/^mistake\.mts\(2,\d+\): error TS2561: .*'promt' does not exist/)]);
  }, 90_000);

  describe('beside a pipeline', () => {
    let smoother: SmootherProcess;

    beforeAll(async () => {
      smoother = await startSmoother({
        args: ['--data', join(root, 'data'), '--simulator', 'latency_scale=0'],
      });
    }, 60_000);

    afterAll(async () => {
      smoother.signal('SIGTERM');
      await smoother.ended();
    }, 60_000);

    it.each([
      ['Ask', /^succeeded echo: Summarize order 17\./],
      ['A batch', /^50 of 50\n$/],
      ['To the queue', /^25 sent\n$/],
      ['Signed by IAM', /^succeeded echo: Say hello\./],
    ])(
      'runs the example under %s',
      async (heading, told) => {
        const text = (await blockUnder(heading))
          .replaceAll('http://127.0.0.1:8787', smoother.ready.api)
          .replaceAll('http://127.0.0.1:4566', smoother.ready.endpoints.sqs);
        const file = join(installed.folder, 'run-example.mts');
        await writeFile(file, text);
        const tsx = require.resolve('tsx');
        const { stdout } = await run(process.execPath, ['--import', tsx, file], {
          cwd: installed.folder,
          env: { ...process.env, AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' },
        });
        expect(stdout).toMatch(told);
      },
      60_000,
    );
  });
});
