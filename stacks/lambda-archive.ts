import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FUNCTIONS, type FunctionName } from '../shared/contract/functions.ts';
import { bundleFunction, LAMBDA_HANDLER } from './lambda-bundle.ts';
import { toZip } from './zip.ts';

/** The code of one function, as Lambda takes it. */
export interface LambdaArchive {
  /** Where the zip file lies. */
  readonly path: string;
  /** SHA-256 of the zip file in base64: what Lambda itself answers, so that the same code plans nothing. */
  readonly sha256Base64: string;
}

export type LambdaArchives = Readonly<Record<FunctionName, LambdaArchive>>;

/** The file that the handler setting names: `index.js` of `index.handler`. */
const ENTRY = LAMBDA_HANDLER.replace(/\.\w+$/, '.js');

export const writeArchive = (folder: string, name: string, code: Uint8Array): LambdaArchive => {
  const zip = toZip(ENTRY, code);
  const path = join(folder, `${name}.zip`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, zip);
  return { path, sha256Base64: createHash('sha256').update(zip).digest('base64') };
};

/** Bundles every function and writes it into the folder as a zip file. */
export const writeArchives = async (projectRoot: string, folder: string): Promise<LambdaArchives> => {
  const write = async (name: FunctionName): Promise<LambdaArchive> => {
    const { contents } = await bundleFunction(projectRoot, name);
    return writeArchive(folder, name, contents);
  };
  // Object.keys forgets the key type of a constant.
  const names = Object.keys(FUNCTIONS) as FunctionName[];
  const archives = await Promise.all(names.map(async (name) => [name, await write(name)] as const));
  return Object.fromEntries(archives) as Record<FunctionName, LambdaArchive>;
};
