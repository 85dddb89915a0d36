import type { S3Client } from '@aws-sdk/client-s3';

export interface PresignOptions {
  readonly signedAt: Date;
  readonly expiresInSeconds?: number;
  readonly query?: Record<string, string>;
}

/** A presigned URL, by the client's own signer. */
export async function presign(
  s3: S3Client,
  method: 'GET' | 'PUT',
  address: string,
  { signedAt, expiresInSeconds = 900, query = {} }: PresignOptions,
): Promise<string> {
  const url = new URL(address);
  const signer = await s3.config.signer();
  if (!('presign' in signer)) throw new Error('The signer of the client cannot presign.');
  const request = {
    method,
    protocol: url.protocol,
    hostname: url.hostname,
    port: Number(url.port),
    path: url.pathname,
    query,
    headers: { host: url.host, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
  };
  const presigner = signer as unknown as {
    presign(
      request: object,
      options: { expiresIn: number; signingDate: Date },
    ): Promise<{ query: Record<string, string> }>;
  };
  const signed = await presigner.presign(request, { expiresIn: expiresInSeconds, signingDate: signedAt });
  return `${address}?${new URLSearchParams(signed.query)}`;
}
