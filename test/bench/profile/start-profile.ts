import { type HeapProfiler, type Profiler, Session } from 'node:inspector/promises';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { partOf, WAITING } from './part-of.ts';

export interface ProfiledPart {
  readonly part: string;
  /** Of the time in which the main thread did not wait. */
  readonly share: number;
  /** That came and went, too; by samples. */
  readonly allocatedBytes: number;
}

export interface Profile {
  readonly parts: readonly ProfiledPart[];
  /** Of the main thread, 0 to 1. */
  readonly waitingShare: number;
  /** Of the event loop, 0 to 1: what is left is spent in waiting for sockets and timers. */
  readonly loopUse: number;
  /** How late a timer of 10 ms came, in ms. */
  readonly loopDelayMs: { readonly p50: number; readonly p99: number; readonly max: number };
}

const SAMPLE_EVERY_US = 250;
const ALLOCATION_SAMPLE_BYTES = 32 * 1024;
const NS_PER_MS = 1e6;

const timesByPart = ({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): Map<string, number> => {
  const parts = new Map(nodes.map(({ id, callFrame }) => [id, partOf(callFrame)]));
  const times = new Map<string, number>();
  for (const [index, id] of samples.entries()) {
    const part = parts.get(id) ?? '';
    times.set(part, (times.get(part) ?? 0) + (timeDeltas[index] ?? 0));
  }
  return times;
};

const bytesByPart = ({ head }: HeapProfiler.SamplingHeapProfile): Map<string, number> => {
  const bytes = new Map<string, number>();
  const open = [head];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const part = partOf(node.callFrame);
    bytes.set(part, (bytes.get(part) ?? 0) + node.selfSize);
    open.push(...node.children);
  }
  return bytes;
};

const toParts = (times: ReadonlyMap<string, number>, bytes: ReadonlyMap<string, number>): ProfiledPart[] => {
  const busy = [...times].filter(([part]) => part !== WAITING);
  const sum = busy.reduce((total, [, time]) => total + time, 0);
  return busy
    .map(([part, time]) => ({ part, share: time / sum, allocatedBytes: bytes.get(part) ?? 0 }))
    .sort((left, right) => right.share - left.share);
};

/** Watches this process until it is asked for what it saw. */
export const startProfile = async (): Promise<() => Promise<Profile>> => {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: SAMPLE_EVERY_US });
  await session.post('HeapProfiler.enable');
  await session.post('HeapProfiler.startSampling', {
    samplingInterval: ALLOCATION_SAMPLE_BYTES,
    includeObjectsCollectedByMajorGC: true,
    includeObjectsCollectedByMinorGC: true,
  });
  await session.post('Profiler.start');
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  const before = performance.eventLoopUtilization();
  return async () => {
    const { utilization: loopUse } = performance.eventLoopUtilization(before);
    delay.disable();
    const { profile } = await session.post('Profiler.stop');
    const { profile: heap } = await session.post('HeapProfiler.stopSampling');
    session.disconnect();
    const times = timesByPart(profile);
    const all = [...times.values()].reduce((total, time) => total + time, 0);
    const inMs = (ns: number): number => ns / NS_PER_MS;
    return {
      parts: toParts(times, bytesByPart(heap)),
      waitingShare: (times.get(WAITING) ?? 0) / all,
      loopUse,
      loopDelayMs: { p50: inMs(delay.percentile(50)), p99: inMs(delay.percentile(99)), max: inMs(delay.max) },
    };
  };
};
