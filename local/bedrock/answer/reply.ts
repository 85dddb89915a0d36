import { randomUUID } from 'node:crypto';
import type { ServiceError } from '../faults/errors.ts';
import { exceptionMessage } from '../wire/event-stream.ts';
import { errorResponse } from '../wire/http-answers.ts';
import type { Exchange, OpenStream, Response } from '../wire/one-port-server.ts';
import type { EventWriter } from './converse-answer.ts';
import type { Finish, Piece } from './generation.ts';

/** How an answer reaches the client. */
export interface Reply {
  readonly piece: (piece: Piece) => void;
  readonly finish: (finish: Finish) => void;
  /** An error in the middle of the answer. */
  readonly error: (error: ServiceError) => void;
  /** Bytes that are no answer. */
  readonly garbage: () => void;
}

const garbage = '<html><body>It works!</body></html>\u0000\u0001\u0002';

export function wholeReply(
  exchange: Exchange,
  toResponse: (pieces: readonly Piece[], finish: Finish) => Response,
): Reply {
  const pieces: Piece[] = [];
  return {
    piece: (piece) => pieces.push(piece),
    finish: (finish) => exchange.respond(toResponse(pieces, finish)),
    error: (error) => exchange.respond(errorResponse(error)),
    garbage: () =>
      exchange.respond({ status: 200, headers: { 'Content-Type': 'application/json' }, body: garbage }),
  };
}

export function streamReply(exchange: Exchange, writer: EventWriter): Reply {
  let stream: OpenStream | undefined;
  let begun = false;
  const opened = (): OpenStream => {
    stream ??= exchange.openStream({
      status: 200,
      headers: {
        'Content-Type': 'application/vnd.amazon.eventstream',
        'x-amzn-RequestId': randomUUID(),
        'X-Amzn-Bedrock-Content-Type': 'application/json',
      },
    });
    return stream;
  };
  const writeAll = (messages: readonly Uint8Array[]) => {
    const start = begun ? [] : writer.start();
    begun = true;
    for (const message of [...start, ...messages]) opened().write(message);
  };
  return {
    piece: (piece) => writeAll(writer.piece(piece)),
    finish: (finish) => {
      writeAll(writer.finish(finish));
      opened().end();
    },
    error: (error) => {
      if (stream === undefined) {
        exchange.respond(errorResponse(error));
        return;
      }
      stream.write(exceptionMessage(inStream(error)));
      stream.end();
    },
    garbage: () => {
      opened().write(Buffer.from(garbage));
      opened().end();
    },
  };
}

/** Streams have an error of their own for a model that fails, and none for one that takes too long. */
function inStream(error: ServiceError): ServiceError {
  const isModels = error.name === 'ModelErrorException' || error.name === 'ModelTimeoutException';
  return isModels ? { ...error, name: 'ModelStreamErrorException' } : error;
}
