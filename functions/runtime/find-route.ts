import { DOOR_ROUTES, type DoorRoute } from '../../shared/contract/door-routes.ts';
import { ROUTES, type Route } from '../../shared/contract/routes.ts';

const ALL: readonly Route[] = ROUTES;
const AT_DOORS: readonly DoorRoute[] = DOOR_ROUTES;

const matches = (pattern: string, path: string): boolean =>
  new RegExp(`^${pattern.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`).test(path);

/** What may be asked for at a path. */
export const routesAt = (path: string): readonly Route[] => ALL.filter((route) => matches(route.path, path));

const answers = (route: { readonly method: string }, method: string): boolean =>
  route.method === (method === 'HEAD' ? 'GET' : method);

/** HEAD is GET without the body. */
export const findRoute = (method: string, path: string): Route | undefined =>
  routesAt(path).find((route) => answers(route, method));

/** The same of the doors that speak as others do. */
export const findDoorRoute = (method: string, path: string): DoorRoute | undefined =>
  AT_DOORS.find((route) => matches(route.path, path) && answers(route, method));
