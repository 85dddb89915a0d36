import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** A reset later than this after a response says nothing about whether it was read. */
const UNREAD_MS = 1_000;

/**
 * Knows when a response that hands something over did not reach its reader: the connection went before all was
 * written, or it was reset right after. A kernel resets a connection that is closed with data unread, and ends
 * it in order when all was read, so this also sees the client that left while the response was on its way.
 */
export class UndeliveredResponses {
  readonly #watched = new WeakMap<Socket, (hadError: boolean) => void>();

  watch(response: ServerResponse, undo: () => void): void {
    const { socket } = response;
    if (socket === null || socket.destroyed) {
      undo();
      return;
    }
    let finishedAtMs = Number.POSITIVE_INFINITY;
    response.on('finish', () => {
      finishedAtMs = performance.now();
    });
    const onClose = (hadError: boolean) => {
      const isUnread = hadError && performance.now() - finishedAtMs < UNREAD_MS;
      if (isUnread || !response.writableFinished) undo();
    };
    this.#watched.set(socket, onClose);
    socket.once('close', onClose);
  }

  /** The next request on a connection proves that the response before was read. */
  forget(socket: Socket): void {
    const onClose = this.#watched.get(socket);
    if (onClose === undefined) return;
    socket.off('close', onClose);
    this.#watched.delete(socket);
  }
}
