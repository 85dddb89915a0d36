import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface BundleProcess {
  invoke(event: unknown, timeoutSeconds: number): Promise<unknown>;
  /** Sees its Lambda as about to end, and hands back what it holds. */
  end(): void;
  /** What it wrote, line by line. */
  readonly lines: readonly string[];
  stop(): Promise<void>;
}

/** As much of Lambda's runtime as a handler sees: an event, the time that is left, and an answer or an error. */
const RUNTIME = `
const { handler } = require(process.argv[2]);
let ending = false;
process.on('message', async ({ id, event, timeoutMs, end }) => {
  if (end) { ending = true; return; }
  const untilMs = performance.now() + timeoutMs;
  const context = { awsRequestId: String(id), getRemainingTimeInMillis: () => (ending ? 0 : untilMs - performance.now()) };
  try {
    process.send({ id, value: await handler(event, context) });
  } catch (error) {
    process.send({ id, error: String(error && error.stack) });
  }
});
process.send({ ready: true });
`;

interface Reply {
  readonly id?: number;
  readonly value?: unknown;
  readonly error?: string;
}

const collectLines = (child: ChildProcess): readonly string[] => {
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => lines.push(...chunk.toString('utf8').split('\n').filter(Boolean)));
  return lines;
};

/** A deployed function: its bundle, in a process whose environment is what it is given and nothing else. */
export const startBundle = async (
  folder: string,
  code: Uint8Array,
  env: Readonly<Record<string, string>>,
): Promise<BundleProcess> => {
  const [runtime, bundle] = [join(folder, 'runtime.cjs'), join(folder, 'index.cjs')];
  writeFileSync(runtime, RUNTIME);
  writeFileSync(bundle, code);
  const child = fork(runtime, [bundle], { env, execArgv: [], stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  const lines = collectLines(child);
  const waiting = new Map<number, (reply: Reply) => void>();
  const ended = once(child, 'exit');
  child.on('message', (reply: Reply) => waiting.get(reply.id ?? -1)?.(reply));
  void ended.then(() => {
    for (const reply of waiting.values())
      reply({ error: `the function ended: ${lines.slice(-3).join(' ')}` });
  });
  await Promise.race([
    once(child, 'message'),
    ended.then(() => Promise.reject(new Error(`the bundle did not start: ${lines.join('\n')}`))),
  ]);
  let lastId = 0;
  return {
    lines,
    invoke: (event, timeoutSeconds) =>
      new Promise((resolve, reject) => {
        lastId += 1;
        const id = lastId;
        waiting.set(id, ({ value, error }) => {
          waiting.delete(id);
          if (error === undefined) resolve(value);
          else reject(new Error(error));
        });
        child.send({ id, event, timeoutMs: timeoutSeconds * 1000 });
      }),
    end: () => child.send({ end: true }),
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
};
