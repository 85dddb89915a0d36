export interface UploadTarget {
  readonly url: string;
  /** Signed along: the upload must carry them as they are. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Lets somebody without credentials put one object into the bucket. */
export interface Uploads {
  /** With `sizeBytes`, just so many bytes are taken. */
  allowPut(
    key: string,
    options: { readonly expiresInSeconds: number; readonly sizeBytes?: number },
  ): Promise<UploadTarget>;
}
