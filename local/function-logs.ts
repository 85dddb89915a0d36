import { SERVICE_NAMES, type ServiceName } from '../shared/contract/functions.ts';
import { openLogFile } from './log-file.ts';

export interface FunctionLogs {
  readonly folder: string;
  writeLine(name: ServiceName, line: string): void;
  logError(name: ServiceName, error: unknown): void;
  close(): Promise<void>;
}

export const functionFailed = (service: ServiceName, error: unknown): string =>
  JSON.stringify({ level: 'error', service, event: 'function_failed', error: String(error) });

/** One file for each function, and for the doors of SDKs. */
export const openFunctionLogs = (folder: string, onLine?: (line: string) => void): FunctionLogs => {
  const logs = new Map(SERVICE_NAMES.map((name) => [name, openLogFile(folder, name)]));
  const writeLine = (name: ServiceName, line: string): void => {
    logs.get(name)?.writeLine(line);
    onLine?.(line);
  };
  return {
    folder,
    writeLine,
    logError: (name, error) => writeLine(name, functionFailed(name, error)),
    close: async () => {
      await Promise.all([...logs.values()].map((log) => log.close()));
    },
  };
};
