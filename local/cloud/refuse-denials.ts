/**
 * Why a policy cannot be taken; undefined when it can. There are no identities here, so everything is allowed, and
 * a policy that allows changes nothing. One that denies would be a lie.
 */
export function refuseDenials(policy: string): string | undefined {
  if (policy === '') return undefined;
  const statements = parseStatements(policy);
  if (statements === undefined) return 'it must be a policy: a JSON object with a Statement';
  const denies = statements.some((statement) => statement?.Effect === 'Deny');
  return denies
    ? 'this local cloud cannot deny anything, so leave out statements with the Effect Deny'
    : undefined;
}

type Statement = { readonly Effect?: unknown } | null;

function parseStatements(policy: string): readonly Statement[] | undefined {
  try {
    const { Statement } = JSON.parse(policy) ?? {};
    if (typeof Statement !== 'object' || Statement === null) return undefined;
    return Array.isArray(Statement) ? Statement : [Statement];
  } catch {
    return undefined;
  }
}
