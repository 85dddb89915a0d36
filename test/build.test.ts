import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { bundleCommand } from '../stacks/command-bundle.ts';
import { bundleFunctions } from '../stacks/lambda-bundle.ts';

const PROJECT_ROOT = resolve(__dirname, '..');
const FUNCTION_BUNDLE_LIMIT_BYTES = 1_500_000;

const folders: string[] = [];

const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'build-'));
  folders.push(folder);
  return folder;
};

const projectWith = (files: Record<string, string>): string => {
  const root = newFolder();
  for (const [file, source] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), source);
  }
  return root;
};

const textOf = (contents: Uint8Array): string => Buffer.from(contents).toString('utf8');

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

describe('a project of three files', () => {
  const FILES = {
    'functions/query/handler.ts':
      "import { join } from '../../shared/join.ts';\nexport const handler = () => join;",
    'shared/join.ts': "import { join } from 'node:path';\nexport { join };",
    'cli/smoother.ts': "import { z } from 'zod';\nconsole.log(z, 'ö');",
  };

  it('gives the same bytes in any folder', async () => {
    const [one, other] = await Promise.all(
      [FILES, FILES].map((files) => bundleFunctions(projectWith(files))),
    );

    expect(one?.map(({ file }) => file)).toEqual([
      'functions/query/index.js',
      'functions/query/index.js.map',
    ]);
    expect(one).toEqual(other);
  });

  it('leaves installed packages out of the command and lets a shell start it', async () => {
    const bundles = await bundleCommand(projectWith(FILES));

    expect(bundles.map(({ file }) => file)).toEqual(['cli/smoother.js']);
    expect(textOf(bundles[0]?.contents ?? new Uint8Array())).toMatch(
      /^#!\/usr\/bin\/env node\n[\s\S]*require\("zod"\)/,
    );
  });

  it('builds a child program of the command when there is one', async () => {
    const bundles = await bundleCommand(projectWith({ ...FILES, 'local/cloud-process.ts': 'export {};' }));

    expect(bundles.map(({ file }) => file)).toEqual(['cli/smoother.js', 'local/cloud-process.js']);
  });

  it('refuses to build a package without its command', async () => {
    await expect(bundleCommand(projectWith({}))).rejects.toThrow(/^cli\/smoother\.ts is missing/);
  });
});

describe('this project', () => {
  const outDirs: string[] = [];

  const filesOf = (outDir: string): Map<string, Buffer> =>
    new Map(
      readdirSync(outDir, { recursive: true, encoding: 'utf8' })
        .filter((file) => statSync(join(outDir, file)).isFile())
        .sort()
        .map((file) => [file, readFileSync(join(outDir, file))]),
    );

  /** The matchers take minutes over megabytes. */
  const hashesOf = (files: ReadonlyMap<string, Buffer>): ReadonlyMap<string, string> =>
    new Map(
      [...files].map(([file, contents]) => [file, createHash('sha256').update(contents).digest('hex')]),
    );

  const builtFiles = (): Map<string, Buffer> => filesOf(outDirs[0] ?? '');

  beforeAll(() => {
    for (const outDir of [newFolder(), newFolder()]) {
      const script = ['--import', 'tsx', 'stacks/build.ts', '--json', '--out-dir', outDir];
      const report = JSON.parse(
        execFileSync(process.execPath, script, { cwd: PROJECT_ROOT, encoding: 'utf8' }),
      );
      expect(report).toContainEqual({ file: 'cli/smoother.js', bytes: expect.any(Number) });
      outDirs.push(outDir);
    }
  }, 60_000);

  it('builds to the same bytes twice', () => {
    expect(hashesOf(filesOf(outDirs[1] ?? ''))).toEqual(hashesOf(builtFiles()));
  });

  it.each(['ingestion', 'prioritization', 'splitter', 'reconciler', 'query'])(
    'bundles the %s function with its handler',
    (name) => {
      const bundle = builtFiles().get(`functions/${name}/index.js`);

      // The mark by which Node's module lexer, and so an import of this file, knows the exports.
      expect(bundle?.toString('utf8')).toMatch(/0&&\(module\.exports=\{[^}]*\bhandler\b[^}]*\}\)/);
      expect(bundle?.byteLength).toBeLessThan(FUNCTION_BUNDLE_LIMIT_BYTES);
    },
  );

  it('makes the command executable', () => {
    expect(statSync(join(outDirs[0] ?? '', 'cli/smoother.js')).mode & 0o111).toBe(0o111);
  });
});
