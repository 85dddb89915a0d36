import { FUNCTIONS, type FunctionName } from '../shared/contract/functions.ts';
import { openLogFile } from './log-file.ts';

export interface FunctionLogs {
  readonly folder: string;
  writeLine(name: FunctionName, line: string): void;
  logError(name: FunctionName, error: unknown): void;
  close(): Promise<void>;
}

export const functionFailed = (service: FunctionName, error: unknown): string =>
  JSON.stringify({ level: 'error', service, event: 'function_failed', error: String(error) });

/** One file for each function. */
export const openFunctionLogs = (folder: string, onLine?: (line: string) => void): FunctionLogs => {
  const names = Object.keys(FUNCTIONS) as FunctionName[];
  const logs = new Map(names.map((name) => [name, openLogFile(folder, name)]));
  const writeLine = (name: FunctionName, line: string): void => {
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
