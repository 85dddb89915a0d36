import { type Credentials, createAwsSigner } from './aws-signing.ts';

export interface AwsJsonServiceOptions {
  /** The name that signatures carry, which is also that of the host. */
  readonly service: string;
  /** Such as `ServiceQuotasV20190624`. */
  readonly targetPrefix: string;
  /** Of the protocol. */
  readonly jsonVersion?: '1.0' | '1.1';
  readonly region: string;
  readonly credentials: () => Promise<Credentials>;
  /** Instead of the region's own. */
  readonly endpoint?: string | undefined;
}

export type AwsJsonCall = (operation: string, input: unknown, signal: AbortSignal) => Promise<unknown>;

export const awsEndpointOf = (service: string, region: string): string =>
  `https://${service}.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}/`;

/** A fault of the service, by its name: `{"__type": "…#TooManyRequestsException", "message": "…"}`. */
const toError = (operation: string, status: number, body: string): Error => {
  let fault: { __type?: unknown; message?: unknown; Message?: unknown } = {};
  try {
    fault = JSON.parse(body) as typeof fault;
  } catch {
    // The status says what there is to say.
  }
  const name = String(fault.__type ?? 'no name').replace(/^.*#/, '');
  return new Error(
    `${operation}: ${status} (${name}) ${String(fault.message ?? fault.Message ?? '')}`.trim(),
  );
};

/** Calls of a service that speaks AWS JSON, for which no client of the SDK is installed. */
export const createAwsJsonCall = (options: AwsJsonServiceOptions): AwsJsonCall => {
  const { service, region, targetPrefix, credentials, jsonVersion = '1.1' } = options;
  const url = new URL(options.endpoint ?? awsEndpointOf(service, region));
  const sign = createAwsSigner({ service, region, credentials });
  return async (operation, input, signal) => {
    const body = JSON.stringify(input);
    const headers = await sign({
      method: 'POST',
      url: new URL('/', url),
      headers: {
        'content-type': `application/x-amz-json-${jsonVersion}`,
        'x-amz-target': `${targetPrefix}.${operation}`,
      },
      body,
    });
    const response = await fetch(new URL('/', url), { method: 'POST', headers, body, signal });
    const text = await response.text();
    if (!response.ok) throw toError(operation, response.status, text);
    return JSON.parse(text) as unknown;
  };
};
