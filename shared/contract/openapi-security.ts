import { API_KEY_HEADER } from './api-keys.ts';
import type { ErrorCodeName } from './error-codes.ts';
import { type Json, problems } from './openapi-parts.ts';
import { ROUTES, type Route } from './routes.ts';

/** The ways to say who calls; which of them a deployment takes, its setting `api_authorization` says. */
export const SECURITY_SCHEMES: Json = {
  apiKey: { type: 'http', scheme: 'bearer', description: 'An API key, with `api_key`; a token, with `jwt`.' },
  apiKeyHeader: { type: 'apiKey', in: 'header', name: API_KEY_HEADER, description: 'An API key.' },
  signature: {
    type: 'apiKey',
    in: 'header',
    name: 'Authorization',
    description: 'With `iam`: AWS Signature Version 4 of the service `execute-api`.',
  },
};

const ANY_SCHEME: readonly Json[] = Object.keys(SECURITY_SCHEMES).map((scheme) => ({ [scheme]: [] }));

const REFUSALS: readonly ErrorCodeName[] = [
  'unauthenticated',
  'insufficient_scope',
  'unknown_tenant',
  'temporarily_unavailable',
];

type Described = Json & { readonly description: string };

/** What a route may answer by itself, beside what stands before all routes. */
const joined = (own: Json, before: Json): Json => {
  const both = Object.entries(own).map(([status, response]) => {
    const other = before[status] as Described | undefined;
    const { description } = response as Described;
    if (other === undefined || description.includes(other.description)) return [status, response] as const;
    return [
      status,
      { ...(response as Described), description: `${description} ${other.description}` },
    ] as const;
  });
  return { ...before, ...Object.fromEntries(both) };
};

const ALL: readonly Route[] = ROUTES;

const scopeNote = ({ scope }: Route): string => `With an API key: one of the scope \`${scope}\`.`;

const secured = (route: Route, operation: Json): Json => ({
  ...operation,
  ...(route.scope === 'public'
    ? { security: [] }
    : {
        description: [operation.description, scopeNote(route)].filter(Boolean).join(' '),
        security: ANY_SCHEME,
      }),
  ...(route.scope === 'public' && route.scopeWith === undefined
    ? {}
    : { responses: joined(operation.responses as Json, problems(REFUSALS)) }),
});

/** Adds to every operation who may call it, and what else is answered to the others. */
export const withSecurity = (paths: Json): Json =>
  Object.fromEntries(
    Object.entries(paths).map(([path, operations]) => [
      path,
      Object.fromEntries(
        Object.entries(operations as Json).map(([method, operation]) => {
          const route = ALL.find((one) => one.path === path && one.method.toLowerCase() === method);
          return [method, route === undefined ? operation : secured(route, operation as Json)];
        }),
      ),
    ]),
  );
