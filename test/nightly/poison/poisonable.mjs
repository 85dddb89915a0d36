import { appendFileSync } from 'node:fs';
import { ClientRequest } from 'node:http';

/**
 * Loaded into every process of a system that is to be poisoned, before its program: a process that sends a certain text
 * to the model dies of it at once, and leaves one line behind.
 */
const log = process.env.POISON_LOG ?? '';
const POISON = 'a cup of hemlock';

if (log !== '') {
  const { end } = ClientRequest.prototype;
  ClientRequest.prototype.end = function (chunk, ...others) {
    if (this.path.startsWith('/model/') && Buffer.from(chunk ?? '').includes(POISON)) {
      appendFileSync(log, `${process.pid}\n`);
      process.kill(process.pid, 'SIGKILL');
    }
    return end.call(this, chunk, ...others);
  };
}
