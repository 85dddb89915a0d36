import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PROJECT_ROOT } from './smoother-process.ts';

const run = promisify(execFile);

/** Where `npm pack` looks: its own build, so that nobody’s `dist` is touched. */
const stage = async (folder: string): Promise<void> => {
  await mkdir(folder);
  for (const name of [
    'package.json',
    'README.md',
    'LICENSE',
    'SECURITY.md',
    'CHANGELOG.md',
    'cdktf.json',
    'docs',
  ])
    await cp(join(PROJECT_ROOT, name), join(folder, name), { recursive: true });
  const build = ['--import', 'tsx', 'stacks/build.ts', '--json', '--out-dir', join(folder, 'dist')];
  await run(process.execPath, build, { cwd: PROJECT_ROOT });
};

export interface InstalledPackage {
  /** The folder of somebody who has installed the packed tarball. */
  readonly folder: string;
  /** What the tarball holds. */
  readonly files: readonly string[];
}

/** Packs the package and installs it elsewhere as npm would, with dependencies that are here already: offline. */
export const installPacked = async (folder: string): Promise<InstalledPackage> => {
  const staged = join(folder, 'staged');
  await stage(staged);
  const packed = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], {
    cwd: staged,
  });
  const [{ filename, files }] = JSON.parse(packed.stdout) as [
    { filename: string; files: { path: string }[] },
  ];
  const consumer = join(folder, 'consumer');
  const modules = join(consumer, 'node_modules');
  const own = join(modules, 'bedrock-request-smoother');
  await mkdir(own, { recursive: true });
  await run('tar', ['-xzf', join(folder, filename), '--strip-components=1', '-C', own]);
  for (const name of await readdir(join(PROJECT_ROOT, 'node_modules')))
    if (!name.startsWith('.')) await symlink(join(PROJECT_ROOT, 'node_modules', name), join(modules, name));
  await mkdir(join(modules, '.bin'));
  await symlink('../bedrock-request-smoother/dist/cli/smoother.js', join(modules, '.bin', 'smoother'));
  await rm(staged, { recursive: true });
  return { folder: consumer, files: files.map(({ path }) => path) };
};
