import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Setting } from './load.ts';
import type { SocketMeasured } from './measure-sockets.ts';

/** One contender at one setting, with the requests of one seed. */
export interface SocketCase {
  readonly setting: Setting;
  readonly seed: string;
  readonly contender: string;
}

export type KeepMeasures = (
  which: SocketCase,
  measure: () => Promise<SocketMeasured>,
) => Promise<SocketMeasured>;

const fileOf = (folder: string, { setting: { perMinute, mix, seconds }, seed, contender }: SocketCase) =>
  join(folder, `${[perMinute, mix, seconds, seed, contender].join('-').replaceAll(/[^\w-]+/g, '_')}.json`);

/** An hour in parts: what the folder has of the same requests is not measured again. */
export const keepMeasures =
  (folder: string): KeepMeasures =>
  async (which, measure) => {
    const file = fileOf(folder, which);
    if (existsSync(file)) return JSON.parse(await readFile(file, 'utf8')) as SocketMeasured;
    const measured = await measure();
    await mkdir(folder, { recursive: true });
    await writeFile(file, `${JSON.stringify(measured)}\n`);
    return measured;
  };

export const measureAlways: KeepMeasures = (_which, measure) => measure();
