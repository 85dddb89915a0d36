import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const TSX = pathToFileURL(require.resolve('tsx')).href;
const EXIT = pathToFileURL(resolve(__dirname, '../../cli/exit.ts')).href;

/** More than a pipe holds. */
const BYTES = 1_000_000;

describe('the end of a command', () => {
  it('waits until whoever reads has got everything', async () => {
    const program = `import('${EXIT}').then((loaded) => {
      const { exit } = loaded.default ?? loaded;
      process.stdout.write('x'.repeat(${BYTES}));
      process.stderr.write('y'.repeat(${BYTES}));
      void exit(3);
    });`;
    const child = spawn(process.execPath, ['--import', TSX, '-e', program], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const read = { stdout: 0, stderr: 0 };
    child.stdout.on('data', (data: Buffer) => {
      read.stdout += data.byteLength;
    });
    child.stderr.on('data', (data: Buffer) => {
      read.stderr += data.byteLength;
    });

    expect(await once(child, 'close')).toEqual([3, null]);
    expect(read).toEqual({ stdout: BYTES, stderr: BYTES });
  }, 30_000);
});
