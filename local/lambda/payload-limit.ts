/**
 * What a synchronous invocation may carry each way, measured on the JSON: nominally 6 MB.
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export const maxPayloadBytes = 6 * 1024 * 1024;

export function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value) ?? '');
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
