import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

interface Watched {
  readonly response: ServerResponse;
  readonly undo: () => void;
}

/**
 * Knows when a response that hands something over did not reach its reader. A kernel resets a connection on which
 * data comes after the reader closed it, or was unread when it did, and ends it in order when all was read:
 *
 *   before all was written   the connection is closed with the response unfinished
 *   reset, nothing else      the connection is closed with an error
 *   end, then reset          reads tell the end and hide the reset; only the connection has no other side any more
 */
export class UndeliveredResponses {
  readonly #watched = new WeakMap<Socket, Watched[]>();

  watch({ socket }: IncomingMessage, response: ServerResponse, undo: () => void): void {
    if (socket.destroyed) {
      undo();
      return;
    }
    const watched = this.#watched.get(socket) ?? this.#listen(socket);
    watched.push({ response, undo });
  }

  /** The next request on a connection proves that the responses before were read. */
  forget(socket: Socket): void {
    const watched = this.#watched.get(socket);
    if (watched === undefined || watched.length === 0) return;
    const unfinished = watched.filter(({ response }) => !response.writableFinished);
    watched.splice(0, watched.length, ...unfinished);
  }

  #listen(socket: Socket): Watched[] {
    const watched: Watched[] = [];
    this.#watched.set(socket, watched);
    let isReset = false;
    socket.once('end', () => {
      isReset = hasNoOtherSide(socket);
    });
    socket.once('close', (hadError: boolean) => {
      for (const { response, undo } of watched) {
        if (hadError || isReset || !response.writableFinished) undo();
      }
    });
    return watched;
  }
}

/** Node remembers the address once it was asked for, so nobody may ask earlier. */
function hasNoOtherSide(socket: Socket): boolean {
  return socket.remoteAddress === undefined;
}
