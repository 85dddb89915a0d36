import { runCommand } from './command.ts';

const main = async (): Promise<void> => {
  const end = await runCommand(process.argv.slice(2), {
    out: (text) => process.stdout.write(text),
    error: (text) => process.stderr.write(text),
  });
  if (end.kind === 'ended') {
    process.exitCode = end.exitCode;
    return;
  }
  const stop = () => void end.cloud.close().then(() => process.exit(0));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
};

void main();
