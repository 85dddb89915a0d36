import type { ModelFault, Verdict } from '../classify-fault.ts';
import type { Loss } from './pool-governor.ts';

/** Of our own making: any target would have said the same. */
const OURS: ReadonlySet<string> = new Set([
  'AbortError',
  'ExpiredTokenException',
  'InvalidSignatureException',
  'UnrecognizedClientException',
]);

const BARRED: ReadonlySet<string> = new Set(['model_access_denied', 'model_not_found']);

/** What a failed call says about the target it was sent to; nothing when it says something about the request. */
export const lossOf = ({ name }: ModelFault, verdict: Verdict): Loss | undefined => {
  if (OURS.has(name)) return undefined;
  if (name === 'ModelNotReadyException' || verdict.kind === 'retry') return 'capacity';
  return verdict.kind === 'fail' && BARRED.has(verdict.code) ? 'barred' : undefined;
};
