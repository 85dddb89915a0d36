import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkFolder, checkOutFile, isAllWritten, markFolder } from '../../../cli/run/claim-folder.ts';
import type { ModelService } from '../../../cli/run/model-service.ts';
import { openRunJournal } from '../../../cli/run/run-journal.ts';

const SIMULATOR: ModelService = { kind: 'simulator' };
const GIVEN: ModelService = { kind: 'given', endpoint: 'http://b.test' };
const AWS: ModelService = { kind: 'aws', endpoint: 'http://b.test' };

describe('what a run may touch', () => {
  let folder: string;
  let dataDir: string;
  let out: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'smoother-claim-'));
    dataDir = join(folder, 'data');
    out = join(folder, 'out.jsonl');
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  const name = (runKey = 'key') => ({ dataDir, runKey, out });

  it('is a file that is empty, and none that holds something else', () => {
    expect(() => checkOutFile(name(), false, 0)).not.toThrow();
    writeFileSync(out, '');
    expect(() => checkOutFile(name(), false, 0)).not.toThrow();
    writeFileSync(out, 'precious\n');
    expect(() => checkOutFile(name(), false, 0)).toThrow(
      `${out} holds something else than results of this run. Remove it, or name another file with --out.`,
    );
  });

  it('is a file that this run has begun, though it was killed before it noted so', () => {
    openRunJournal(name(), 0);
    writeFileSync(out, '{"custom_id": "line-1"}\n');
    expect(() => checkOutFile(name(), false, 0)).not.toThrow();
    expect(() => checkOutFile(name('other'), false, 0)).toThrow('holds something else');
  });

  it('is, begun anew, a file that any of its runs has written', () => {
    openRunJournal(name('other'), 0);
    writeFileSync(out, '{"custom_id": "line-1"}\n');
    expect(() => checkOutFile(name(), true, 0)).not.toThrow();
  });

  it('is nothing in a folder that is not there', () => {
    expect(() => checkOutFile({ ...name(), out: join(folder, 'no', 'out') }, false, 0)).toThrow(
      'does not exist; make it first.',
    );
  });

  it('is all there only while the file is', () => {
    const journal = openRunJournal(name(), 0);
    writeFileSync(out, '0123456789');
    journal.noteWritten([0], 10);
    expect(isAllWritten(name(), 0)).toBeUndefined();
    journal.noteEnd({ succeeded: 1, failed: 0 });
    expect(isAllWritten(name(), 0)).toEqual({ succeeded: 1, failed: 0 });
    writeFileSync(out, '012345678');
    expect(isAllWritten(name(), 0)).toBeUndefined();
  });

  it('is a data folder of its own kind of service', () => {
    expect(() => checkFolder(dataDir, AWS)).not.toThrow();
    markFolder(dataDir, AWS);
    expect(() => checkFolder(dataDir, AWS)).not.toThrow();
    expect(() => checkFolder(dataDir, SIMULATOR)).toThrow(
      /belongs to runs of the model service aws: what waits in it would be sent to simulator/,
    );
  });

  it('is no folder of `smoother start` for a service that is paid for', () => {
    mkdirSync(join(dataDir, 'cloud'), { recursive: true });
    expect(() => checkFolder(dataDir, SIMULATOR)).not.toThrow();
    expect(() => checkFolder(dataDir, GIVEN)).not.toThrow();
    expect(() => checkFolder(dataDir, AWS)).toThrow('belongs to runs of the model service simulator');
  });
});
