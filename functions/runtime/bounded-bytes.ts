/** The body of a request, or how much was too much: what is longer is let go of as soon as it is known to be. */
export type BoundedBytes =
  | { readonly kind: 'read'; readonly bytes: Uint8Array }
  | { readonly kind: 'too_large'; readonly atLeastBytes: number };

export const readBoundedBytes = async (request: Request, mostBytes: number): Promise<BoundedBytes> => {
  const announced = Number(request.headers.get('content-length') ?? 0);
  if (announced > mostBytes) return { kind: 'too_large', atLeastBytes: announced };
  const chunks: Uint8Array[] = [];
  let total = 0;
  const reader = request.body?.getReader();
  for (let read = await reader?.read(); read?.value !== undefined; read = await reader?.read()) {
    total += read.value.byteLength;
    if (total > mostBytes) {
      void reader?.cancel().catch(() => {});
      return { kind: 'too_large', atLeastBytes: total };
    }
    chunks.push(read.value);
  }
  return { kind: 'read', bytes: Buffer.concat(chunks) };
};
