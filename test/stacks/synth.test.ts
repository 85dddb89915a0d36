import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { synthesize } from '../../stacks/synthesize.ts';
import { archivesIn, newFolder, removeFolders, settingsOf } from './harness.ts';

const PROJECT_ROOT = resolve(__dirname, '../..');
const TSX = require.resolve('tsx');
const SYNTH_TIMEOUT_MS = 60_000;

afterAll(removeFolders);

const filesIn = (folder: string): ReadonlyMap<string, string> =>
  new Map(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => statSync(join(folder, file)).isFile())
      .sort()
      .map((file) => [file, readFileSync(join(folder, file), 'latin1')]),
  );

const synth = (cwd: string, ...args: readonly string[]) => {
  const { CDKTF_OUTDIR: _, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', TSX, join(PROJECT_ROOT, 'stacks/main.ts'), ...args],
    { cwd, env, encoding: 'utf8', timeout: SYNTH_TIMEOUT_MS },
  );
  return { status, stdout, faults: stderr.split('\n').filter((line) => line !== '') };
};

describe('synthesize', () => {
  it('writes the same files into any folder', () => {
    const [one, other] = [newFolder(), newFolder()].map((outdir) => {
      const folder = synthesize({ settings: settingsOf(), archives: archivesIn(newFolder()), outdir });

      expect(folder).toBe(join(outdir, 'stacks', 'smoother'));
      return filesIn(outdir);
    });

    expect([...(one?.keys() ?? [])]).toContain(join('stacks', 'smoother', 'cdk.tf.json'));
    expect(one).toEqual(other);
  });
});

describe('npm run synth', () => {
  it(
    'writes the same stack, with the code of every function, from wherever it is called',
    () => {
      const cwds = [newFolder(), newFolder()];
      for (const cwd of cwds) {
        const { status, stdout, faults } = synth(cwd, '--context', 'aws_region=eu-west-1');

        expect(faults).toEqual([]);
        expect({ status, stdout }).toEqual({
          status: 0,
          stdout: `The stack is in ${join('cdktf.out', 'stacks', 'smoother')}\n`,
        });
      }
      const [one, other] = cwds.map(filesIn);
      const stack = one?.get(join('cdktf.out', 'stacks', 'smoother', 'cdk.tf.json')) ?? '';

      expect(one).toEqual(other);
      expect([...(one?.keys() ?? [])].filter((file) => file.endsWith('.zip'))).toHaveLength(5);
      expect(stack).toContain('"region": "eu-west-1"');
      expect(cwds.concat(PROJECT_ROOT).filter((path) => stack.includes(path))).toEqual([]);
    },
    2 * SYNTH_TIMEOUT_MS,
  );

  it(
    'names every fault and writes nothing',
    () => {
      const cwd = newFolder();
      const { status, stdout, faults } = synth(
        cwd,
        '--context=models={',
        '--context',
        'alarm_threshold=0',
        '--context',
        'log_retention_days=15',
      );

      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      expect(faults).toEqual([
        expect.stringMatching(/^models must be valid JSON: .+\.$/),
        'alarm_threshold must be at least 1.',
        expect.stringMatching(/^log_retention_days must be one of 1, 3, /),
      ]);
      expect(filesIn(cwd).size).toBe(0);
    },
    SYNTH_TIMEOUT_MS,
  );

  it(
    'refuses an option that it does not know',
    () => {
      const { status, faults } = synth(newFolder(), '--region', 'eu-west-1');

      expect(status).toBe(2);
      expect(faults).toEqual([
        expect.stringMatching(/^Unknown option '--region'/),
        'Say `npm run synth -- [--context NAME=JSON]…`.',
      ]);
    },
    SYNTH_TIMEOUT_MS,
  );
});
