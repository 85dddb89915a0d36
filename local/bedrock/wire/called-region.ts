import type { Exchange } from './one-port-server.ts';

/** The region that a client signed for; it does not say so otherwise, and here all of them share one address. */
export const calledRegion = ({ header }: Pick<Exchange, 'header'>): string | undefined =>
  /Credential=[^/,=]+\/\d{8}\/([a-z0-9-]+)\//.exec(header('authorization') ?? '')?.[1];
