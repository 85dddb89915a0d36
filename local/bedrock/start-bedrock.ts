import { adminPrefix, decode, handleAdmin } from './admin.ts';
import { createCallLog } from './call-log.ts';
import { type ServiceError, serviceError } from './errors.ts';
import { createFaultPlan } from './fault-plan.ts';
import { handleConverse } from './handle-converse.ts';
import { errorResponse } from './http-answers.ts';
import { createModelRegistry } from './model-registry.ts';
import { type Exchange, listenOnePort, type Response } from './one-port-server.ts';
import type { Service } from './service.ts';
import { serviceTruth } from './service-truth.ts';
import type { SimulatedModel } from './simulated-model.ts';
import type { Truth, TruthOptions } from './truth.ts';

export interface BedrockOptions {
  /** 0 for any free port. Listens on 127.0.0.1 only; a port in use rejects with the original error. */
  readonly port: number;
  /** By model id or inference profile id. */
  readonly models: Readonly<Record<string, SimulatedModel>>;
  /** The same seed and request give the same answer. Default 1. */
  readonly seed?: number;
  /** 1 is real time, 0 answers at once. Default 1. */
  readonly latencyScale?: number;
  /** Milliseconds; counts the quota and dates the truth. Default: time since the epoch that never steps back. */
  readonly clock?: () => number;
  /** Errors of the simulator itself, for a log; its client sees a 500. */
  readonly onError?: (error: unknown) => void;
}

export interface Bedrock {
  readonly port: number;
  readonly endpoint: string;
  readonly truth: (options?: TruthOptions) => Truth;
  /** Ends every connection, also of calls in flight. */
  readonly close: () => Promise<void>;
}

const defaultSeed = 1;
const defaultLatencyScale = 1;

/**
 * A Bedrock runtime that counts its quota as the service does, over HTTP/1.1 and HTTP/2 without TLS on one port.
 * It takes every signature. Only Converse is there; any other operation is an error.
 */
export async function startBedrock(options: BedrockOptions): Promise<Bedrock> {
  const { seed = defaultSeed, latencyScale = defaultLatencyScale, clock = steadyClock } = options;
  if (!(latencyScale >= 0 && Number.isFinite(latencyScale))) {
    throw new RangeError(`latencyScale must be 0 or a positive number, got ${latencyScale}`);
  }
  const models = createModelRegistry(options.models, clock());
  const service: Service = {
    models,
    calls: createCallLog(Object.keys(options.models)),
    faults: createFaultPlan(),
    seed,
    latencyScale,
    clock,
  };
  const server = await listenOnePort(options.port, (exchange) => {
    route(service, exchange)
      .catch((error: unknown) => {
        options.onError?.(error);
        return errorResponse(broken);
      })
      .then((response) => {
        if (response !== undefined) exchange.respond(response);
      });
  });
  return {
    port: server.port,
    endpoint: `http://127.0.0.1:${server.port}`,
    truth: (truthOptions) => serviceTruth(service, truthOptions),
    close: server.close,
  };
}

function steadyClock(): number {
  return performance.timeOrigin + performance.now();
}

const broken: ServiceError = serviceError('InternalServerException', 'The simulator failed.');

const conversePath = /^\/model\/(.+)\/converse$/;

async function route(service: Service, exchange: Exchange): Promise<Response | undefined> {
  const path = exchange.target.split('?', 1)[0] ?? '';
  if (path.startsWith(adminPrefix)) return handleAdmin(service, exchange);
  const modelId = decode(conversePath.exec(path)?.[1] ?? '');
  if (exchange.method !== 'POST' || modelId === undefined || modelId === '') {
    return errorResponse(unknownOperation(exchange.method, path));
  }
  return handleConverse(service, modelId, exchange);
}

function unknownOperation(method: string, path: string): ServiceError {
  return serviceError('UnknownOperationException', `${method} ${path} is not an operation of this simulator`);
}
