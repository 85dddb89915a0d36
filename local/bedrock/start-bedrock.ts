import { comesFromForeignPage } from '../foreign-page.ts';
import { adminPrefix, callerOf, decode, handleAdmin } from './admin.ts';
import { createCallLog } from './call-log.ts';
import { type ServiceError, serviceError } from './faults/errors.ts';
import { createFaultPlan } from './faults/fault-plan.ts';
import { createFaultWindows } from './faults/fault-windows.ts';
import { handleCall } from './handle-call.ts';
import { handleCloudWatch, isCloudWatchCall } from './handle-cloudwatch.ts';
import { handleCountTokens } from './handle-count-tokens.ts';
import { handleServiceQuotas, isServiceQuotasCall } from './handle-service-quotas.ts';
import { createModelRegistry } from './model-registry.ts';
import { operations } from './operations.ts';
import { scaledTime, steadyClock } from './scaled-time.ts';
import type { ForwardTarget, Service } from './service.ts';
import { resetTruth, serviceTruth } from './service-truth.ts';
import type { SimulatedModel } from './simulated-model.ts';
import type { Truth, TruthOptions } from './truth.ts';
import { type Wait, waitFor } from './wait.ts';
import { errorResponse } from './wire/http-answers.ts';
import { type Exchange, listenOnePort } from './wire/one-port-server.ts';

export interface BedrockOptions {
  /** 0 for any free port. Listens on 127.0.0.1 only; a port in use rejects with the original error. */
  readonly port: number;
  /** By model id or inference profile id. */
  readonly models: Readonly<Record<string, SimulatedModel>>;
  /** The same seed and request give the same answer. Default 1. */
  readonly seed?: number;
  /** How long answers take: 1 is as long as a real model, 0 answers at once. Quotas are not touched. Default 1. */
  readonly latencyScale?: number;
  /** How many times faster everything runs, quotas, timelines and truth included. Default 1. */
  readonly timeScale?: number;
  /** Lets an OpenAI-compatible server give the answers, behind the same quotas and faults. */
  readonly forward?: ForwardTarget;
  /** Milliseconds, before timeScale. Default: time since the epoch that never steps back. */
  readonly clock?: () => number;
  /** Waits real milliseconds, after timeScale. For virtual time in tests, together with `clock`. */
  readonly wait?: Wait;
  /** Errors of the simulator itself, for a log; its client sees a 500. */
  readonly onError?: (error: unknown) => void;
}

export interface Bedrock {
  readonly port: number;
  readonly endpoint: string;
  readonly truth: (options?: TruthOptions) => Truth;
  readonly resetTruth: () => void;
  /** Ends every connection, also of calls in flight. */
  readonly close: () => Promise<void>;
}

const defaults = { seed: 1, latencyScale: 1, timeScale: 1 } as const;

/**
 * A Bedrock runtime that counts its quotas as the service does, over HTTP/1.1 and HTTP/2 without TLS on one port.
 * It takes every signature. What it does not simulate is an error.
 */
export async function startBedrock(options: BedrockOptions): Promise<Bedrock> {
  const service = createService(options);
  const server = await listenOnePort(options.port, (exchange) => {
    route(service, exchange).catch((error: unknown) => {
      options.onError?.(error);
      exchange.respond(errorResponse(broken));
    });
  });
  return {
    port: server.port,
    endpoint: `http://127.0.0.1:${server.port}`,
    truth: (truthOptions) => serviceTruth(service, truthOptions),
    resetTruth: () => resetTruth(service),
    close: server.close,
  };
}

function createService(options: BedrockOptions): Service {
  const { seed, latencyScale, timeScale } = { ...defaults, ...options };
  if (!(latencyScale >= 0 && Number.isFinite(latencyScale))) {
    throw new RangeError(`latencyScale must be 0 or a positive number, got ${latencyScale}`);
  }
  if (!(timeScale > 0 && Number.isFinite(timeScale))) {
    throw new RangeError(`timeScale must be a positive number, got ${timeScale}`);
  }
  const { clock = steadyClock, wait = waitFor } = options;
  const time = scaledTime({ timeScale, clock, wait });
  const windows = createFaultWindows();
  return {
    models: createModelRegistry(options.models, time.clock()),
    calls: createCallLog(Object.keys(options.models), time.clock),
    windows,
    faults: createFaultPlan(windows, seed),
    seed,
    latencyScale,
    timeScale,
    forward: options.forward,
    ...time,
  };
}

const broken: ServiceError = serviceError('InternalServerException', 'The simulator failed.');

const foreignPage: ServiceError = serviceError(
  'AccessDeniedException',
  'The simulator answers programs and pages of this machine only: its Host or Origin header names another site.',
);

const modelPath = /^\/model\/(.+)\/([a-z-]+)$/;

async function route(service: Service, exchange: Exchange): Promise<void> {
  const path = exchange.target.split('?', 1)[0] ?? '';
  if (path.startsWith(adminPrefix)) return exchange.respond(await handleAdmin(service, exchange));
  if (comesFromForeignPage(callerOf(exchange))) {
    return exchange.respond(errorResponse(foreignPage));
  }
  if (isCloudWatchCall(exchange)) return handleCloudWatch(service, exchange);
  if (isServiceQuotasCall(exchange)) return handleServiceQuotas(service, exchange);
  const [, encodedId = '', name = ''] = modelPath.exec(path) ?? [];
  const modelId = decode(encodedId);
  const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
  if (exchange.method === 'POST' && modelId !== undefined && modelId !== '') {
    if (operation !== undefined) return handleCall(service, { operation, modelId }, exchange);
    if (name === 'count-tokens') return handleCountTokens(service, modelId, exchange);
  }
  exchange.respond(errorResponse(unknownOperation(exchange.method, path)));
}

function unknownOperation(method: string, path: string): ServiceError {
  return serviceError('UnknownOperationException', `${method} ${path} is not an operation of this simulator`);
}
