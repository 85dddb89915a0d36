import { readFileSync } from 'node:fs';

/**
 * Loaded into every process of a system under chaos, before its program: the time of day of that process is off by what
 * the file of clocks says beside its id. What is measured from one moment to another is not.
 */
const LOOK_MS = 100;

const file = process.env.CHAOS_CLOCKS ?? '';
const realNow = Date.now;
let offByMs = 0;

const look = () => {
  try {
    const clocks = JSON.parse(readFileSync(file, 'utf8'));
    offByMs = clocks[process.pid] ?? 0;
  } catch {
    // Nobody's clock was touched yet, or the file is being written: as before.
  }
};

if (file !== '') {
  Date.now = () => realNow() + offByMs;
  setInterval(look, LOOK_MS).unref();
}
