import { runCommand } from './command.ts';

const main = async (): Promise<void> => {
  const running = runCommand(process.argv.slice(2), {
    out: (text) => process.stdout.write(text),
    error: (text) => process.stderr.write(text),
  });
  // Before it says that it is ready, since who reads that may end it at once.
  const stop = async () => {
    const end = await running;
    if (end.kind === 'running') await end.cloud.close();
    process.exit(end.kind === 'running' ? 0 : end.exitCode);
  };
  process.once('SIGINT', () => void stop());
  process.once('SIGTERM', () => void stop());
  const end = await running;
  if (end.kind === 'ended') process.exitCode = end.exitCode;
};

void main();
