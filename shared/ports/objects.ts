/** The bucket. */
export interface Objects {
  put(key: string, body: Uint8Array, contentType: string): Promise<void>;
  /** The whole object, or a range of it; nothing when there is no such object. */
  get(
    key: string,
    range?: { readonly offsetBytes: number; readonly lengthBytes: number },
  ): Promise<Uint8Array | undefined>;
  /** In bytes; nothing when there is no such object. */
  sizeOf(key: string): Promise<number | undefined>;
  /** One object as another, whatever becomes of the first. False when there is none. */
  copy(fromKey: string, toKey: string): Promise<boolean>;
}
