import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startCloud } from '../../local/cloud/start-cloud.ts';
import type { Service } from './conformance-case.ts';

export type TargetName = 'ours' | 'moto' | 'fauxqs';
export const TARGET_NAMES: readonly TargetName[] = ['ours', 'moto', 'fauxqs'];

export interface RunningTarget {
  readonly endpoint: string;
  stop(): Promise<void>;
}

export interface Target {
  readonly services: readonly Service[];
  /** Why it cannot run here; undefined when it can. */
  absence(): string | undefined;
  start(): Promise<RunningTarget>;
}

const START_TIMEOUT_MS = 30_000;

export function isOnPath(program: string): boolean {
  return succeeds('which', program);
}

export function canImport(pythonModule: string): boolean {
  return succeeds('python3', '-c', `import ${pythonModule}`);
}

function succeeds(program: string, ...args: string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function fauxqsDirectory(): string {
  return resolve(process.env.CONFORMANCE_FAUXQS ?? 'node_modules/fauxqs');
}

export const TARGETS: Readonly<Record<TargetName, Target>> = {
  ours: { services: ['SQS', 'SNS', 'S3', 'DynamoDB'], absence: () => undefined, start: startOurs },
  moto: {
    services: ['SQS', 'SNS', 'S3', 'DynamoDB'],
    absence: () => (isOnPath('moto_server') ? undefined : 'moto_server is not on the PATH'),
    start: startMoto,
  },
  fauxqs: {
    services: ['SQS', 'SNS', 'S3'],
    absence: () =>
      existsSync(join(fauxqsDirectory(), 'dist/app.js'))
        ? undefined
        : 'CONFORMANCE_FAUXQS does not name a directory with fauxqs',
    start: startFauxqs,
  },
};

async function startOurs(): Promise<RunningTarget> {
  const dataDir = await mkdtemp(join(tmpdir(), 'conformance-'));
  const cloud = await startCloud({ dataDir, port: 0, region: 'us-east-1' });
  const stop = async () => {
    await cloud.close();
    await rm(dataDir, { recursive: true, force: true });
  };
  return { endpoint: cloud.endpoint, stop };
}

async function startMoto(): Promise<RunningTarget> {
  const port = await freePort();
  const child = spawn('moto_server', ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
  return whenReady(child, port);
}

/** In a process of its own, since it is a module of the other kind; and on 127.0.0.1, which it does not do itself. */
async function startFauxqs(): Promise<RunningTarget> {
  const port = await freePort();
  const module = pathToFileURL(join(fauxqsDirectory(), 'dist/app.js')).href;
  const script = `import(${JSON.stringify(module)}).then(({ buildApp }) => buildApp({ logger: false }).listen({ port: ${port}, host: '127.0.0.1' }))`;
  const child = spawn(process.execPath, ['--eval', script], { stdio: 'ignore' });
  return whenReady(child, port);
}

async function whenReady(child: ChildProcess, port: number): Promise<RunningTarget> {
  const endpoint = `http://127.0.0.1:${port}`;
  const exited = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGTERM');
    await exited;
  };
  const endAtMs = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    try {
      await fetch(endpoint);
      return { endpoint, stop };
    } catch (error) {
      if (child.exitCode === null && Date.now() < endAtMs) continue;
      await stop();
      throw error;
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('There is no free port.');
  return address.port;
}
