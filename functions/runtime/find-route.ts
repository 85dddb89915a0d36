import { DOOR_ROUTES, type DoorRoute } from '../../shared/contract/door-routes.ts';
import { ROUTES, type Route } from '../../shared/contract/routes.ts';

interface Known<Kind> {
  readonly route: Kind;
  readonly path: RegExp;
}

interface Placed {
  readonly method: string;
  readonly path: string;
}

const known = <Kind extends Placed>(routes: readonly Kind[]): readonly Known<Kind>[] =>
  routes.map((route) => ({
    route,
    path: new RegExp(`^${route.path.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`),
  }));

const ALL = known<Route>(ROUTES);
const AT_DOORS = known<DoorRoute>(DOOR_ROUTES);

const at = <Kind>(routes: readonly Known<Kind>[], path: string): readonly Kind[] =>
  routes.filter((one) => one.path.test(path)).map(({ route }) => route);

/** What may be asked for at a path. */
export const routesAt = (path: string): readonly Route[] => at(ALL, path);

/** HEAD is GET without the body. */
const answers = (route: Placed, method: string): boolean =>
  route.method === (method === 'HEAD' ? 'GET' : method);

export const findRoute = (method: string, path: string): Route | undefined =>
  routesAt(path).find((route) => answers(route, method));

/** The same of the doors that speak as others do. */
export const findDoorRoute = (method: string, path: string): DoorRoute | undefined =>
  at(AT_DOORS, path).find((route) => answers(route, method));
