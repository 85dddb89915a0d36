import {
  DeleteMessageBatchCommand,
  type DeleteMessageBatchCommandInput,
  type DeleteMessageBatchCommandOutput,
  type Message,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  type SQSClient,
} from '@aws-sdk/client-sqs';

export interface PendingReceive {
  readonly input: ReceiveMessageCommandInput;
  readonly aborted: boolean;
  answer(...messages: Message[]): void;
  fail(error: Error): void;
}

type DeleteAnswer = Omit<DeleteMessageBatchCommandOutput, '$metadata'> | Error;

/** A queue whose every answer the test gives itself. Receives wait; deletes succeed unless an answer was prepared. */
export class FakeSqs {
  readonly receives: PendingReceive[] = [];
  readonly deletes: DeleteMessageBatchCommandInput[] = [];
  readonly deleteAnswers: DeleteAnswer[] = [];

  get waiting(): readonly PendingReceive[] {
    return this.receives;
  }

  get deletedHandles(): (string | undefined)[] {
    return this.deletes.flatMap((input) => (input.Entries ?? []).map((entry) => entry.ReceiptHandle));
  }

  get client(): SQSClient {
    return {
      send: (command: unknown, options?: { abortSignal?: AbortSignal }) => this.#send(command, options),
    } as unknown as SQSClient;
  }

  /** Takes the oldest receive that still waits. */
  takeReceive(): PendingReceive {
    const receive = this.receives.shift();
    if (receive === undefined) throw new Error('nothing is being received');
    return receive;
  }

  #send(command: unknown, options?: { abortSignal?: AbortSignal }): Promise<unknown> {
    if (command instanceof ReceiveMessageCommand) return this.#receive(command.input, options?.abortSignal);
    if (command instanceof DeleteMessageBatchCommand) return this.#delete(command.input);
    return Promise.reject(new Error('a command that the fake does not know'));
  }

  #receive(input: ReceiveMessageCommandInput, signal?: AbortSignal): Promise<unknown> {
    let forget = (): void => {};
    return new Promise((resolve, reject) => {
      const receive: PendingReceive = {
        input,
        get aborted() {
          return signal?.aborted ?? false;
        },
        answer: (...messages) => resolve(messages.length === 0 ? {} : { Messages: messages }),
        fail: reject,
      };
      this.receives.push(receive);
      const abort = (): void => {
        this.receives.splice(this.receives.indexOf(receive), 1);
        reject(Object.assign(new Error('Request aborted'), { name: 'AbortError' }));
      };
      signal?.addEventListener('abort', abort);
      forget = () => signal?.removeEventListener('abort', abort);
    }).finally(() => forget());
  }

  async #delete(input: DeleteMessageBatchCommandInput): Promise<unknown> {
    this.deletes.push(input);
    const answer = this.deleteAnswers.shift() ?? { Successful: [], Failed: [] };
    if (answer instanceof Error) throw answer;
    return answer;
  }
}

export function message(id: string, body = '{}'): Message {
  return { MessageId: id, ReceiptHandle: `handle-${id}`, Body: body };
}
