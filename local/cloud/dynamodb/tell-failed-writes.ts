import { ClassicLevel } from 'classic-level';
import { isForLackOfRoom } from '../describe-failure.ts';
import { withCode } from '../reopened-level.ts';
import { warn } from '../warn.ts';

type Write = (...args: readonly unknown[]) => Promise<unknown>;

const WRITES = ['put', 'del', 'batch'] as const;

/** Dynalite answers with these two what it is given as an error; anything else ends the process. */
interface Answer {
  readonly statusCode: 500;
  readonly body: { readonly __type: string; readonly message: string };
}

/**
 * Dynalite ends the process over a write that fails, as on a full disk, unless the error says how it is to be
 * answered. And LevelDB goes on behind a failed write, only to drop at its next start what it wrote there, so
 * nothing more is written before that start. The database that `create` opens takes this up while it is made.
 */
export function tellFailedWrites<T>(create: () => T): T {
  const prototype = ClassicLevel.prototype as unknown as Record<string, unknown>;
  let failed: Answer | undefined;
  const fail = (error: unknown): never => {
    failed ??= toAnswer(error);
    throw failed;
  };
  for (const name of WRITES) {
    const original = prototype[name] as Write;
    prototype[name] = function write(this: unknown, ...args: readonly unknown[]) {
      if (failed !== undefined) return Promise.reject(failed);
      // One that was under way while another failed may be behind it.
      return original.apply(this, args as unknown[]).then((done) => (failed ? fail(failed) : done), fail);
    };
  }
  try {
    return create();
  } finally {
    // What they are by inheritance is found again.
    for (const name of WRITES) delete prototype[name];
  }
}

/** Whoever wrote while the cloud was closing is answered all the same; nothing is wrong with the disk. */
const CLOSED = 'LEVEL_DATABASE_NOT_OPEN';

function toAnswer(error: unknown): Answer {
  if ((error as { readonly code?: unknown } | undefined)?.code !== CLOSED) warn(error);
  const reason = isForLackOfRoom(withCode(error)) ? 'because the disk is full' : 'as its standard error says';
  const message = `A write of the local DynamoDB has failed, ${reason}. Mend this and start the local cloud anew: until then it can only be read.`;
  return { statusCode: 500, body: { __type: 'com.amazon.coral.service#InternalServerError', message } };
}
