import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isMainThread } from 'node:worker_threads';

/**
 * Loaded into every process of a system under a long run, before its program: every ten seconds it collects garbage
 * and writes down what is left, one line of JSON in a file named for the process.
 */
const EVERY_MS = 10_000;

const folder = process.env.PROBE_SAMPLES ?? '';

const toMb = (bytes) => Math.round((bytes / 1024 / 1024) * 1000) / 1000;

/** Files that are mapped into memory, such as LevelDB's, are the system's to take back; elsewhere than on Linux they count. */
const anonymousBytes = (rss) => {
  try {
    const [, kilobytes] = /^RssAnon:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    return kilobytes === undefined ? rss : Number(kilobytes) * 1024;
  } catch {
    return rss;
  }
};

if (folder !== '' && isMainThread) {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  const file = join(folder, `${process.pid}.jsonl`);
  setInterval(() => {
    collect();
    const { heapUsed, external, rss } = process.memoryUsage();
    const sample = {
      at_ms: Date.now(),
      heap_mb: toMb(heapUsed),
      external_mb: toMb(external),
      anonymous_mb: toMb(anonymousBytes(rss)),
      handles: process.getActiveResourcesInfo().length,
    };
    appendFileSync(file, `${JSON.stringify(sample)}\n`);
  }, EVERY_MS).unref();
}
