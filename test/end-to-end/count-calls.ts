import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SdkClient } from '../../functions/runtime/compose-clients.ts';

export interface Counted {
  /** By service and command, such as `SQS.SendMessageBatch`. */
  readonly calls: Readonly<Record<string, number>>;
  /** Receives that brought nothing: they come with time, not with requests. */
  readonly emptyReceives: number;
  /** Of 1 KB each, as DynamoDB bills them; a write whose condition failed costs one, too. */
  readonly writeUnits: number;
}

export interface CallCounter {
  readonly onClient: (client: SdkClient) => void;
  readonly counted: () => Counted;
}

interface Consumed {
  readonly ConsumedCapacity?: { readonly CapacityUnits?: number };
}

interface Received {
  readonly Messages?: readonly unknown[];
}

const WRITES: ReadonlySet<string> = new Set([
  'PutItemCommand',
  'UpdateItemCommand',
  'DeleteItemCommand',
  'PutCommand',
  'UpdateCommand',
  'DeleteCommand',
]);

/** Counts what clients of the SDK do, retries included. */
export const createCallCounter = (): CallCounter => {
  const calls: Record<string, number> = {};
  let writeUnits = 0;
  let emptyReceives = 0;
  return {
    onClient: (client) => {
      const { serviceId } = client.config;
      // The stacks of different clients differ in their types only.
      const { middlewareStack } = client as DynamoDBClient;
      middlewareStack.add(
        (next, context) => async (args) => {
          const name = context.commandName ?? '';
          if (name === 'ReceiveMessageCommand') {
            const result = await next(args);
            if (((result.output as Received).Messages ?? []).length === 0) emptyReceives += 1;
            return result;
          }
          if (!WRITES.has(name)) return next(args);
          try {
            const asked = { ...args, input: { ...args.input, ReturnConsumedCapacity: 'TOTAL' as const } };
            const result = await next(asked);
            writeUnits += (result.output as Consumed).ConsumedCapacity?.CapacityUnits ?? 1;
            return result;
          } catch (error) {
            writeUnits += 1;
            throw error;
          }
        },
        { step: 'initialize', name: 'countOutcomes' },
      );
      middlewareStack.add(
        (next, context) => (args) => {
          const name = `${serviceId}.${(context.commandName ?? '').replace(/Command$/, '')}`;
          calls[name] = (calls[name] ?? 0) + 1;
          return next(args);
        },
        // Below the retries, so that each is counted.
        { step: 'finalizeRequest', name: 'countCalls', priority: 'low' },
      );
    },
    counted: () => ({ calls: { ...calls }, emptyReceives, writeUnits }),
  };
};

export const sumOf = ({ calls }: Counted, pattern: RegExp): number =>
  Object.entries(calls).reduce((sum, [name, count]) => sum + (pattern.test(name) ? count : 0), 0);
