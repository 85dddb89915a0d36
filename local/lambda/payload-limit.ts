/**
 * What a synchronous invocation may carry each way, measured on the JSON: nominally 6 MB.
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export const maxPayloadBytes = 6 * 1024 * 1024;

function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value) ?? '');
}

/** Each of UTF-16's units may be escaped, with six characters. */
const mostBytesPerUnit = 6;
const mostBytesOfScalar = 32;

const mostLevels = 100;

/** At least as much as it takes as JSON, without making that; endless where only that can tell. */
function mostJsonBytes(value: unknown, level = 0): number {
  if (typeof value === 'string') return value.length * mostBytesPerUnit + 2;
  if (typeof value === 'bigint' || level > mostLevels) return Number.POSITIVE_INFINITY;
  if (typeof value !== 'object' || value === null) return mostBytesOfScalar;
  if ('toJSON' in value) return Number.POSITIVE_INFINITY;
  return Object.entries(value).reduce(
    (sum, [name, member]) => sum + mostJsonBytes(name) + mostJsonBytes(member, level + 1) + 2,
    2,
  );
}

/** Whether one invocation can carry it. */
export function fitsPayload(value: unknown): boolean {
  return mostJsonBytes(value) <= maxPayloadBytes || jsonBytes(value) <= maxPayloadBytes;
}

/** In order, into runs that each fit one invocation. An element that does not fit alone gets a run of its own. */
export function splitByPayload<Element>(elements: readonly Element[]): Element[][] {
  const runs: Element[][] = [];
  let runBytes = Number.POSITIVE_INFINITY;
  for (const element of elements) {
    const elementBytes = jsonBytes(element) + 1;
    const run = runs.at(-1);
    if (run === undefined || runBytes + elementBytes > maxPayloadBytes - envelopeBytes) {
      runs.push([element]);
      runBytes = elementBytes;
    } else {
      run.push(element);
      runBytes += elementBytes;
    }
  }
  return runs;
}

const envelopeBytes = jsonBytes({ Records: [] });
