import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CheckedItem } from '../../../cli/input/check-input.ts';
import type { ResultWriter } from '../../../cli/results/render-result.ts';
import { openFileSink, openStreamSink, type PlacedResult } from '../../../cli/run/result-sink.ts';
import { openRunJournal, readRunState } from '../../../cli/run/run-journal.ts';
import type { Result } from '../../../shared/contract/request.ts';

const REQUESTS: readonly CheckedItem[] = ['a', 'b', 'c'].map((id, index) => ({
  item: { line: index + 1, id, source: id, converted: { ok: true, envelope: {} } },
  envelope: {},
}));

const WRITER: ResultWriter = { head: 'head\n', render: ({ id, result }) => `${id}=${result.content}\n` };

const placed = (place: number, content: string): PlacedResult => ({
  place,
  result: { content } as Result,
});

describe('the file of results', () => {
  let folder: string;
  let path: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'smoother-sink-'));
    path = join(folder, 'out.txt');
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  const name = () => ({ dataDir: join(folder, 'data'), runKey: 'key', out: path });
  const open = () => {
    const journal = openRunJournal(name(), 1000);
    return openFileSink(path, { requests: REQUESTS, writer: WRITER, journal });
  };
  const journalFile = () => {
    const runs = join(name().dataDir, 'runs');
    return join(runs, readdirSync(runs)[0] ?? '');
  };
  const text = () => readFileSync(path, 'utf8');

  it('goes on where it was', () => {
    const first = open();
    first.write([placed(2, 'C'), placed(0, 'A')]);
    first.close();
    const second = open();
    expect([...second.written]).toEqual([2, 0]);
    second.write([placed(1, 'B')]);
    second.close();
    expect(text()).toBe('head\nc=C\na=A\nb=B\n');
  });

  it('writes again what a crash tore, and what it did not note', () => {
    const first = open();
    first.write([placed(0, 'A')]);
    first.close();
    appendFileSync(path, 'b=B\nc=');
    const second = open();
    expect([...second.written]).toEqual([0]);
    expect(text()).toBe('head\na=A\n');
    second.close();
  });

  it('overlooks a torn line of the journal', () => {
    const first = open();
    first.write([placed(0, 'A')]);
    first.close();
    appendFileSync(journalFile(), '{"written": [1');
    const second = open();
    second.write([placed(1, 'B')]);
    second.close();
    const third = open();
    expect([...third.written]).toEqual([0, 1]);
    third.close();
    expect(text()).toBe('head\na=A\nb=B\n');
  });

  it('begins anew when the file is gone, and goes on with that', () => {
    const first = open();
    first.write([placed(0, 'A'), placed(1, 'B')]);
    first.close();
    rmSync(path);
    const second = open();
    expect([...second.written]).toEqual([]);
    second.write([placed(1, 'B')]);
    second.close();
    const third = open();
    expect([...third.written]).toEqual([1]);
    third.close();
    expect(text()).toBe('head\nb=B\n');
  });

  it('begins anew when somebody has made the file shorter', () => {
    const first = open();
    first.write([placed(0, 'A')]);
    first.close();
    writeFileSync(path, 'h');
    const second = open();
    expect([...second.written]).toEqual([]);
    second.close();
    expect(text()).toBe('head\n');
  });

  it('keeps in mind when the run began, its batches, and how it ended', () => {
    const journal = openRunJournal(name(), 1000);
    journal.noteBatch(0, 'bat_1');
    journal.noteEnd({ succeeded: 2, failed: 1 });
    expect(journal.isResumed).toBe(false);
    expect(openRunJournal(name(), 2000)).toMatchObject({
      isResumed: true,
      state: { beganAtMs: 1000, batchIds: new Map([[0, 'bat_1']]), ended: { succeeded: 2, failed: 1 } },
    });
    expect(readRunState({ ...name(), runKey: 'other' }, 3000)).toMatchObject({ beganAtMs: 3000 });
  });
});

describe('the stream of results', () => {
  it('gives all of them again each time', () => {
    const printed: string[] = [];
    const sink = openStreamSink(REQUESTS, WRITER, (text) => printed.push(text));
    expect([...sink.written]).toEqual([]);
    sink.write([placed(1, 'B')]);
    sink.write([]);
    expect(printed).toEqual(['head\n', 'b=B\n']);
  });
});
