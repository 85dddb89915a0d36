import { ROUTES, type Route } from '../../shared/contract/routes.ts';

const ALL: readonly Route[] = ROUTES;

const matches = (pattern: string, path: string): boolean =>
  new RegExp(`^${pattern.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`).test(path);

/** What may be asked for at a path. */
export const routesAt = (path: string): readonly Route[] => ALL.filter((route) => matches(route.path, path));

/** HEAD is GET without the body. */
export const findRoute = (method: string, path: string): Route | undefined =>
  routesAt(path).find((route) => route.method === (method === 'HEAD' ? 'GET' : method));
