import type { QueryFault } from '../../shared/contract/problem.ts';

export type AskedWait =
  | { readonly kind: 'none' }
  | { readonly kind: 'asked'; readonly seconds: number }
  | { readonly kind: 'fault'; readonly fault: QueryFault };

/** What RFC 7240 calls a preference: one that is not understood is as good as not there. */
const preferredSeconds = (header: string | undefined): number | undefined => {
  const value = /(?:^|[,;])\s*wait\s*=\s*"?(\d{1,6})"?\s*(?:[,;]|$)/i.exec(header ?? '')?.[1];
  return value === undefined ? undefined : Number(value);
};

/** `?wait=`, or else the header `Prefer: wait=`. */
export const readAskedWait = (parameter: string | undefined, prefer: string | undefined): AskedWait => {
  if (parameter === undefined) {
    const seconds = preferredSeconds(prefer);
    return seconds === undefined ? { kind: 'none' } : { kind: 'asked', seconds };
  }
  if (/^\d{1,6}$/.test(parameter)) return { kind: 'asked', seconds: Number(parameter) };
  const detail = `must be a whole number of seconds such as 20, not \`${parameter.slice(0, 50)}\``;
  return { kind: 'fault', fault: { parameter: 'wait', code: 'invalid_value', detail } };
};
