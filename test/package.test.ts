import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

const PROJECT_ROOT = resolve(__dirname, '..');
const INSTALLED_LIMIT_BYTES = 60_000_000;

interface Manifest {
  readonly dependencies: Record<string, string>;
  readonly devDependencies: Record<string, string>;
}

interface LockedPackage {
  readonly dev?: boolean;
  readonly resolved?: string;
}

interface Lock {
  readonly packages: Record<string, LockedPackage>;
}

interface Installed {
  readonly folder: string;
  readonly bytes: number;
}

const readText = (file: string): string => readFileSync(join(PROJECT_ROOT, file), 'utf8');
const manifest = JSON.parse(readText('package.json')) as Manifest;
const lock = JSON.parse(readText('package-lock.json')) as Lock;

/** Bytes of a package itself: the packages nested in it have entries of their own in the lock. */
const packageBytes = (folder: string): number =>
  readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => name !== 'node_modules')
    .map((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return packageBytes(path);
      return entry.isFile() ? statSync(path).size : 0;
    })
    .reduce((sum, bytes) => sum + bytes, 0);

/** What an installation of the published package puts on a disk, largest first. */
const installedPackages = (): Installed[] =>
  Object.entries(lock.packages)
    .filter(([folder, { dev }]) => folder !== '' && dev !== true && existsSync(join(PROJECT_ROOT, folder)))
    .map(([folder]) => ({ folder, bytes: packageBytes(join(PROJECT_ROOT, folder)) }))
    .sort((one, other) => other.bytes - one.bytes);

const megabytes = (bytes: number): string => `${(bytes / 1_000_000).toFixed(1)} MB`;

const documentedPackages = (): string[] =>
  [...readText('docs/dependencies.md').matchAll(/^\| `([^`]+)` \|/gm)].flatMap(([, name]) => name ?? []);

describe('the published package', () => {
  it('installs less than 60 MB', () => {
    const packages = installedPackages();
    const sum = packages.reduce((bytes, { bytes: more }) => bytes + more, 0);
    const largest = packages.slice(0, 10).map(({ folder, bytes }) => `${megabytes(bytes)} ${folder}`);

    expect(packages.map(({ folder }) => folder)).toEqual(
      expect.arrayContaining(Object.keys(manifest.dependencies).map((name) => `node_modules/${name}`)),
    );
    if (sum >= INSTALLED_LIMIT_BYTES) {
      throw new Error(
        `${packages.length} packages of ${megabytes(sum)}. The largest:\n${largest.join('\n')}`,
      );
    }
  });

  it('comes without the infrastructure bindings', () => {
    const infrastructure = ['@cdktf/provider-aws', 'cdktf', 'constructs'];

    expect(Object.keys(manifest.dependencies).filter((name) => infrastructure.includes(name))).toEqual([]);
    expect(Object.keys(manifest.devDependencies)).toEqual(expect.arrayContaining(infrastructure));
  });
});

describe('the lock file', () => {
  it('names no registry host', () => {
    const hosts = Object.entries(lock.packages).filter(([, { resolved }]) => resolved?.includes('://'));

    expect(hosts.map(([folder]) => folder)).toEqual([]);
  });
});

describe('dependencies', () => {
  const all = { ...manifest.dependencies, ...manifest.devDependencies };

  it('are pinned to one version each', () => {
    const loose = Object.entries(all).filter(
      ([, version]) => !/^(npm:.+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version),
    );

    expect(loose).toEqual([]);
  });

  it('are all explained in docs/dependencies.md, which explains no others', () => {
    expect(documentedPackages().sort()).toEqual(Object.keys(all).sort());
  });
});
