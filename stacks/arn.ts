/** The region that an ARN names; nothing where it names none. */
export const regionOf = (arn: unknown): string | undefined =>
  typeof arn === 'string' ? /^arn:[^:]+:[^:]+:([^:]+):/.exec(arn)?.[1] : undefined;
