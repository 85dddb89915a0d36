import type { S3Client } from '@aws-sdk/client-s3';
import type { Uploads } from '../ports/uploads.ts';

export interface S3UploadsOptions {
  readonly client: S3Client;
  readonly bucket: string;
}

interface Address {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
}

interface Presigner {
  presign(
    request: Address & {
      readonly method: string;
      readonly query: Readonly<Record<string, string>>;
      readonly headers: Readonly<Record<string, string>>;
    },
    options: { readonly expiresIn: number },
  ): Promise<{ readonly query?: Readonly<Record<string, string>> }>;
}

/** Where the client itself would send it. */
const addressOf = async (client: S3Client, bucket: string, key: string): Promise<Address> => {
  const { config } = client;
  const endpoint = await config.endpoint?.();
  const { url } = config.endpointProvider({
    Region: await config.region(),
    Bucket: bucket,
    ForcePathStyle: config.forcePathStyle === true,
    UseFIPS: false,
    UseDualStack: false,
    Accelerate: false,
    DisableMultiRegionAccessPoints: true,
    ...(endpoint === undefined
      ? {}
      : {
          Endpoint: `${endpoint.protocol}//${endpoint.hostname}${endpoint.port === undefined ? '' : `:${endpoint.port}`}`,
        }),
  });
  return {
    protocol: url.protocol,
    hostname: url.hostname,
    ...(url.port === '' ? {} : { port: Number(url.port) }),
    path: `${url.pathname.replace(/\/$/, '')}/${key}`,
  };
};

const presignerOf = async (client: S3Client): Promise<Presigner> => {
  const signer: unknown = await client.config.signer();
  if (typeof signer !== 'object' || signer === null || !('presign' in signer))
    throw new Error('the signer of the S3 client cannot presign');
  return signer as Presigner;
};

/** Presigned by the client's own signer. Keys are made by us, of characters that no URL has to escape. */
export const createS3Uploads = ({ client, bucket }: S3UploadsOptions): Uploads => ({
  allowPut: async (key, { expiresInSeconds, sizeBytes }) => {
    const address = await addressOf(client, bucket, key);
    const { protocol, hostname, port, path } = address;
    const host = port === undefined ? hostname : `${hostname}:${port}`;
    // What is signed must be sent: S3 takes no body of another length then.
    const headers = sizeBytes === undefined ? {} : { 'content-length': String(sizeBytes) };
    const presigner = await presignerOf(client);
    const signed = await presigner.presign(
      {
        ...address,
        method: 'PUT',
        query: {},
        headers: { host, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD', ...headers },
      },
      { expiresIn: expiresInSeconds },
    );
    return { url: `${protocol}//${host}${path}?${new URLSearchParams({ ...signed.query })}`, headers };
  },
});
