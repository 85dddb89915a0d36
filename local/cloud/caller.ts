import type { ServerResponse } from 'node:http';

/** Who waits for a response. Only long polls listen for its departure, so the signal is made when asked for. */
export class Caller {
  readonly #response: ServerResponse;
  readonly #closing: AbortSignal;
  readonly #mayLeave: boolean;
  #gone: AbortController | undefined;
  #onGone: (() => void) | undefined;

  constructor(response: ServerResponse, closing: AbortSignal, mayLeave: boolean) {
    this.#response = response;
    this.#closing = closing;
    this.#mayLeave = mayLeave;
  }

  get isGone(): boolean {
    return this.#closing.aborted || (this.#mayLeave && this.#response.destroyed);
  }

  /** Aborts when the caller leaves or the cloud closes. */
  get signal(): AbortSignal {
    this.#gone ??= this.#listen(new AbortController());
    return this.#gone.signal;
  }

  /** To be called when it has been answered. */
  release(): void {
    if (this.#onGone === undefined) return;
    this.#response.off('close', this.#onGone);
    this.#closing.removeEventListener('abort', this.#onGone);
  }

  #listen(gone: AbortController): AbortController {
    this.#onGone = () => gone.abort();
    if (this.#mayLeave) this.#response.on('close', this.#onGone);
    this.#closing.addEventListener('abort', this.#onGone);
    if (this.isGone) gone.abort();
    return gone;
  }
}
