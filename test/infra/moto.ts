import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';

export interface Moto {
  readonly endpoint: string;
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 60_000;

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
};

const answers = (endpoint: string): Promise<boolean> =>
  fetch(`${endpoint}/moto-api/data.json`).then(
    ({ ok }) => ok,
    () => false,
  );

const isUp = async (endpoint: string, child: ChildProcess): Promise<void> => {
  const untilMs = Date.now() + START_TIMEOUT_MS;
  while (!(await answers(endpoint))) {
    if (child.exitCode !== null || Date.now() > untilMs) throw new Error('the patched moto did not start');
    await new Promise((done) => setTimeout(done, 100));
  }
};

/** An AWS of our own, as far as Terraform asks for it. */
export const startMoto = async (): Promise<Moto> => {
  const port = await freePort();
  const program = [join(__dirname, 'patched_moto.py'), '-H', '127.0.0.1', '-p', String(port)];
  const child = spawn('python3', program, { stdio: 'ignore' });
  const ended = once(child, 'exit');
  const endpoint = `http://127.0.0.1:${port}`;
  const stop = async (): Promise<void> => {
    child.kill();
    await ended;
  };
  try {
    await isUp(endpoint, child);
  } catch (error) {
    await stop();
    throw error;
  }
  return { endpoint, stop };
};
