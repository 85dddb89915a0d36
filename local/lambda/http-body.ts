export type BodyRead =
  | { readonly kind: 'read'; readonly bytes: Buffer }
  | { readonly kind: 'too_large' }
  /** The client went away in the middle. */
  | { readonly kind: 'broken' };

/** Reads at most `maxBytes` and lets go of a longer body as soon as it is known to be longer. */
export async function readBody(request: Request, maxBytes: number): Promise<BodyRead> {
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) return { kind: 'too_large' };
  const chunks: Uint8Array[] = [];
  let totalBytes = 0;
  try {
    const reader = request.body?.getReader();
    for (let next = await reader?.read(); next !== undefined && !next.done; next = await reader?.read()) {
      totalBytes += next.value.byteLength;
      if (totalBytes > maxBytes) {
        reader?.cancel().catch(() => {});
        return { kind: 'too_large' };
      }
      chunks.push(next.value);
    }
  } catch {
    return { kind: 'broken' };
  }
  return { kind: 'read', bytes: Buffer.concat(chunks) };
}
