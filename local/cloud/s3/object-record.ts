export interface ObjectRecord {
  readonly blob: string;
  readonly sizeBytes: number;
  readonly etag: string;
  readonly modifiedAtMs: number;
  /** Returned as they were given: content-type, cache-control, x-amz-meta-* and the like. */
  readonly headers: Readonly<Record<string, string>>;
  /** The checksum header that was given and verified. */
  readonly checksum?: Readonly<Record<string, string>>;
}
