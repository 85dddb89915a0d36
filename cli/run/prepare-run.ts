import { resolve } from 'node:path';
import type { Environment } from '../../functions/runtime/environment.ts';
import { UserError } from '../../local/user-error.ts';
import type { Settings } from '../../shared/contract/settings.ts';
import { modelNamesOfSettings } from '../../shared/core/dialects/model-names.ts';
import {
  type CheckedInput,
  type CheckedItem,
  checkInput,
  checkReadable,
  renderFaults,
} from '../input/check-input.ts';
import { type InputFormat, type ResultFormat, resultFormatOf } from '../input/formats.ts';
import { readInput } from '../input/read-input.ts';
import { defaultsOf, type InputCommandOptions, inputOptionsOf } from '../input-options.ts';
import { FaultyInput } from '../refused.ts';
import { createResultWriter, type ResultWriter } from '../results/render-result.ts';
import { type Chunk, chunkRequests, runKeyOf } from './chunk-requests.ts';
import {
  chooseService,
  defaultDataFolder,
  identityOf,
  type ModelService,
  type ServiceOptions,
  settingsFor,
} from './model-service.ts';
import { type RunName, readRunState } from './run-journal.ts';

export interface PrepareOptions extends InputCommandOptions, Omit<ServiceOptions, 'model'> {
  readonly out?: string;
  readonly format: ResultFormat;
  readonly data?: string;
  readonly reset?: true;
  readonly concurrency: number;
}

/** All of a run that is known before anything is started. */
export interface PreparedRun {
  readonly path: string;
  readonly service: ModelService;
  readonly settings: Settings;
  readonly name: RunName;
  readonly inputFormat: InputFormat;
  readonly isDetected: boolean;
  readonly requests: readonly CheckedItem[];
  readonly chunks: readonly Chunk[];
  readonly writer: ResultWriter;
}

const sound = (checked: CheckedInput, path: string): readonly CheckedItem[] => {
  if (checked.ok) return checked.requests;
  const { length } = checked.faults;
  throw new FaultyInput(
    `${path} has ${length === 1 ? 'a fault' : `${length} faults`}; nothing was sent.\n${renderFaults(checked.faults)}`,
  );
};

export interface Surroundings {
  readonly settings: Settings;
  readonly env: Environment;
  readonly nowMs: number;
}

/** Reads and checks the input whole: one faulty line keeps everything from being sent. */
export const prepareRun = (
  { path, text }: { readonly path: string; readonly text: string },
  options: PrepareOptions,
  { settings: own, env, nowMs }: Surroundings,
): PreparedRun => {
  const service = chooseService(options, own.aws_region, env);
  const settings: Settings = {
    ...settingsFor(own, service, options.model),
    max_concurrent_executions: options.concurrency,
  };
  const read = readInput(text, inputOptionsOf(path, options), {
    models: modelNamesOfSettings(settings),
    model: options.model,
  });
  if (!read.ok) throw new UserError(read.sentence);
  const defaults = defaultsOf(options);
  const check = (atMs: number): readonly CheckedItem[] =>
    sound(checkInput(read.items, defaults, { settings, nowMs: atMs }), path);
  const readable = checkReadable(read.items, defaults);
  // Where some cannot even be read, the others have their say all the same.
  const sendable = readable.ok ? readable.requests : check(nowMs);
  const chunks = chunkRequests(
    sendable.map(({ envelope }) => envelope),
    identityOf(service),
  );
  const name: RunName = {
    dataDir: resolve(options.data ?? defaultDataFolder(service)),
    runKey: runKeyOf(chunks),
    out: options.out === undefined ? null : resolve(options.out),
  };
  // What was without fault when the run began is so when it goes on, though a deadline may have passed.
  const beganAtMs = options.reset === true ? nowMs : readRunState(name, nowMs).beganAtMs;
  return {
    path,
    service,
    settings,
    name,
    inputFormat: read.format,
    isDetected: read.isDetected,
    requests: check(beganAtMs),
    chunks,
    writer: createResultWriter(resultFormatOf(options.format, read.format), read.columns),
  };
};
