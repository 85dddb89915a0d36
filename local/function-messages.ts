import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { ServiceAddresses } from '../functions/runtime/compose-clients.ts';
import type { FunctionName } from '../shared/contract/functions.ts';
import type { CreatedQueue } from './create-resources.ts';

/** What a process of one function needs; its environment carries the variables, as in Lambda. */
export interface FunctionSetup {
  readonly name: FunctionName;
  readonly addresses: Required<ServiceAddresses>;
  readonly queues: Readonly<Record<string, CreatedQueue>>;
  readonly region: string;
  readonly poolCount: number;
  readonly logs: string;
  /** Of the prioritization function: the lock to hold while it may drain. */
  readonly drain?: { readonly dataDir: string; readonly name: string };
}

export type FunctionRequest =
  | { readonly kind: 'start'; readonly setup: FunctionSetup }
  | { readonly kind: 'invoke'; readonly id: number; readonly event: APIGatewayProxyEventV2 }
  | { readonly kind: 'start_mappings' }
  | { readonly kind: 'stop_mappings' };

export type FunctionReply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'returned'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'threw'; readonly id: number; readonly message: string }
  | { readonly kind: 'mappings_stopped' };
