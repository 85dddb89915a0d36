import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkDataFolder, checkPorts, judgeNode, judgeSpace } from '../../../cli/doctor/check-machine.ts';

describe('the machine of a local run', () => {
  it.each([
    ['20.0.0', 'ok'],
    ['24.1.0', 'ok'],
    ['18.20.1', 'failed'],
  ])('Node %s is %s', (version, verdict) => {
    expect(judgeNode(version, '>=20')).toMatchObject({ verdict });
  });

  it.each([
    [2_000_000_000, 'ok', '/data: 1,907 MB free'],
    [500_000_000, 'warning', '/data: 476 MB free'],
    [50_000_000, 'failed', '/data: 47 MB free'],
  ])('%d bytes of room are judged', (bytes, verdict, found) => {
    expect(judgeSpace('/data', bytes)).toMatchObject({ verdict, found });
  });

  it('tells a folder that is in use, and one that nobody can write to', () => {
    const folder = mkdtempSync(join(tmpdir(), 'smoother-machine-'));
    writeFileSync(join(folder, 'pid'), `${process.pid}\n`);

    expect(checkDataFolder(folder).found).toBe(`${folder} is in use by process ${process.pid}`);
    expect(checkDataFolder('/proc/nowhere/data')).toMatchObject({ verdict: 'failed' });
    rmSync(folder, { recursive: true });
  });

  it('tells which ports are taken, and what to say instead', async () => {
    const server = createServer();
    await new Promise<void>((settle) => server.listen(0, '127.0.0.1', settle));
    const { port } = server.address() as AddressInfo;

    expect(await checkPorts([{ port, option: '--port' }])).toEqual({
      check: 'ports',
      verdict: 'warning',
      found: `${port} taken by another program`,
      remedy: 'Stop it, or start with --port N; `smoother run` takes free ones by itself.',
    });
    await new Promise((settle) => server.close(settle));
  });
});
