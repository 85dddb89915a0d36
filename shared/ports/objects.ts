/** The bucket. */
export interface Objects {
  put(key: string, body: Uint8Array, contentType: string): Promise<void>;
  /** The whole object, or a range of it; nothing when there is no such object. */
  get(
    key: string,
    range?: { readonly offsetBytes: number; readonly lengthBytes: number },
  ): Promise<Uint8Array | undefined>;
}
