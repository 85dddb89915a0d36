import { createHash } from 'node:crypto';

/** Uniform in [0, 1). */
export type Random = () => number;

/** The same parts give the same numbers, whatever was drawn elsewhere and in which order calls arrive. */
export function randomFrom(...parts: readonly string[]): Random {
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest();
  return sfc32(digest.readInt32LE(0), digest.readInt32LE(4), digest.readInt32LE(8));
}

/** exp(sigma z) with z normal: median 1. */
export function lognormal(random: Random, sigma: number): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random()));
  return Math.exp(sigma * radius * Math.cos(2 * Math.PI * random()));
}

/** Chris Doty-Humphrey's small fast counter generator: https://pracrand.sourceforge.net/ */
function sfc32(first: number, second: number, third: number): Random {
  let a = first;
  let b = second;
  let c = third;
  let counter = 1;
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 4_294_967_296;
  };
  for (let round = 0; round < 12; round += 1) next();
  return next;
}
