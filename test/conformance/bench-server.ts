import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startCloud } from '../../local/cloud/start-cloud.ts';

export interface BenchServer {
  readonly name: string;
  readonly endpoint: string;
  /** Used by the server's process so far. */
  cpuMs(): Promise<number>;
  stop(): Promise<void>;
}

export async function startServer(
  name: 'ours' | 'fauxqs',
  script: string,
  directory: string,
): Promise<BenchServer> {
  const child = fork(script, [name, directory], { execArgv: ['--import', 'tsx'] });
  const endpoint = String(await nextMessage(child));
  return {
    name,
    endpoint,
    cpuMs: async () => {
      const answer = nextMessage(child);
      child.send('cpu');
      return Number(await answer);
    },
    stop: async () => {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}

async function nextMessage(child: ChildProcess): Promise<unknown> {
  const [message] = await once(child, 'message');
  return message;
}

async function serve(name: string, directory: string): Promise<string> {
  if (name === 'ours') {
    return (await startCloud({ dataDir: directory, port: 0, region: 'us-east-1' })).endpoint;
  }
  const { buildApp } = await import(pathToFileURL(join(directory, 'dist/app.js')).href);
  return buildApp({ logger: false }).listen({ port: 0, host: '127.0.0.1' });
}

/** This file is the server too, when it is started with a channel to its parent. */
if (process.send !== undefined && process.argv[1]?.endsWith('bench-server.ts')) {
  const [, , name = '', directory = ''] = process.argv;
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send?.((user + system) / 1000);
  });
  void serve(name, directory).then((endpoint) => process.send?.(endpoint));
}
