import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isMainThread } from 'node:worker_threads';

/**
 * Loaded into every process of a system under a long run, before its program: every ten seconds it collects garbage
 * and writes down what is left, one line of JSON in a file named for the process.
 */
const EVERY_MS = 10_000;

const folder = process.env.SOAK_SAMPLES ?? '';

const toMb = (bytes) => Math.round((bytes / 1024 / 1024) * 1000) / 1000;

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
      rss_mb: toMb(rss),
      handles: process.getActiveResourcesInfo().length,
    };
    appendFileSync(file, `${JSON.stringify(sample)}\n`);
  }, EVERY_MS).unref();
}
