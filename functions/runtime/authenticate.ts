import type { Context, MiddlewareHandler } from 'hono';
import { API_KEY_HEADER, type Scope } from '../../shared/contract/api-keys.ts';
import { createProblem } from '../../shared/contract/problem.ts';
import type { RouteScope } from '../../shared/contract/routes.ts';
import type { Caller } from '../../shared/core/identity/caller.ts';
import {
  type Credentials,
  createIdentifyCaller,
  type Identified,
  type IdentifyDeps,
} from '../../shared/flows/identify-caller.ts';
import { findRoute } from './find-route.ts';
import { toProblemResponse } from './problem-response.ts';

declare module 'hono' {
  interface ContextVariableMap {
    /** Set by `authenticate`, on every route that is not public. */
    caller: Caller;
  }
}

/** As API Gateway tells, in the payload 2.0, who signed a call or whose token came with it. */
interface CheckedEvent {
  readonly requestContext?: {
    readonly authorizer?: {
      readonly iam?: { readonly userArn?: unknown } | null;
      readonly jwt?: { readonly claims?: unknown } | null;
    } | null;
  };
}

const BEARER = /^bearer +(\S.*)$/i;

const shownIn = ({ req }: Context): readonly string[] => {
  const [, bearer] = BEARER.exec(req.header('authorization')?.trim() ?? '') ?? [];
  const key = req.header(API_KEY_HEADER)?.trim();
  return [bearer, key].flatMap((text) => (text === undefined || text === '' ? [] : [text]));
};

/** The gateway has checked what it tells; that is not the caller's word. */
const checkedBy = (context: Context): Omit<Credentials, 'shown'> => {
  const { event } = (context.env ?? {}) as { readonly event?: CheckedEvent };
  const { iam, jwt } = event?.requestContext?.authorizer ?? {};
  const arn = iam?.userArn;
  const claims = jwt?.claims;
  return {
    ...(typeof arn === 'string' && arn !== '' ? { arn } : {}),
    ...(typeof claims === 'object' && claims !== null ? { claims: { ...claims } } : {}),
  };
};

export const arnOfCall = (context: Context): string | undefined => checkedBy(context).arn;

/** As RFC 6750 has it. A key that was shown and is not taken is said to be invalid. */
const challenge = (wasShown: boolean): string =>
  `Bearer realm="smoother"${wasShown ? ', error="invalid_token"' : ''}`;

const toRefusal = (
  { code, detail }: Extract<Identified, { kind: 'refused' }>,
  { shown }: Credentials,
): Response =>
  toProblemResponse(
    createProblem(code, { detail }),
    code === 'unauthenticated' ? { 'www-authenticate': challenge(shown.length > 0) } : {},
  );

const outOfScope = ({ keyId }: Caller, scope: Scope): Response =>
  toProblemResponse(
    createProblem('insufficient_scope', {
      detail: `The API key ${keyId} has not the scope \`${scope}\`; nothing was done.`,
      missingScope: scope,
    }),
    { 'www-authenticate': `Bearer realm="smoother", error="insufficient_scope", scope="${scope}"` },
  );

interface Scoped {
  readonly scope: RouteScope;
  readonly scopeWith?: Readonly<Record<string, Scope>>;
}

const scopeOf = ({ scope, scopeWith = {} }: Scoped, query: URLSearchParams): RouteScope =>
  Object.entries(scopeWith).find(([parameter]) => query.has(parameter))?.[1] ?? scope;

/**
 * Before every route, of both doors: who calls, and whether that allows what is asked. Where no route is known nobody
 * becomes the caller, so that no handler could act for one.
 */
export const authenticate = (
  deps: IdentifyDeps,
  find: (method: string, path: string) => Scoped | undefined = findRoute,
): MiddlewareHandler => {
  const identify = createIdentifyCaller(deps);
  return async (context, next) => {
    const { method, path, url } = context.req;
    const route = find(method, path);
    const scope = route === undefined ? undefined : scopeOf(route, new URL(url).searchParams);
    if (scope === 'public') return next();
    const credentials = { shown: shownIn(context), ...checkedBy(context) };
    const identified = await identify(credentials);
    if (identified.kind === 'refused') return toRefusal(identified, credentials);
    if (scope === undefined) return next();
    if (!identified.caller.scopes.includes(scope)) return outOfScope(identified.caller, scope);
    context.set('caller', identified.caller);
    return next();
  };
};
