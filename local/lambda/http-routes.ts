export interface HttpRoute {
  /** An HTTP method, or ANY. */
  readonly method: string;
  /** Segments are literal, `{name}` for one segment, or, at the end, `{name+}` for all that follow. */
  readonly path: string;
  /** Name of the function that answers. */
  readonly function: string;
}

export interface RouteMatch {
  readonly route: HttpRoute;
  readonly pathParameters: Readonly<Record<string, string>>;
}

type Specificity = 'literal' | 'parameter' | 'greedy';
const rank: Record<Specificity, number> = { literal: 0, parameter: 1, greedy: 2 };

/**
 * The most specific route: literal before parameter before greedy, segment by segment, then a method before ANY.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
 */
export function matchRoute(
  routes: readonly HttpRoute[],
  method: string,
  path: string,
): RouteMatch | undefined {
  const given = path.split('/');
  const matches = routes.flatMap((route) => {
    const pathParameters = isForMethod(route, method) ? matchPath(route.path.split('/'), given) : undefined;
    return pathParameters === undefined ? [] : [{ route, pathParameters }];
  });
  return matches.sort((a, b) => compareRoutes(a.route, b.route))[0];
}

function isForMethod(route: HttpRoute, method: string): boolean {
  return route.method === method || route.method === 'ANY';
}

function matchPath(wanted: readonly string[], given: readonly string[]): Record<string, string> | undefined {
  const parameters: Record<string, string> = {};
  for (const [index, segment] of wanted.entries()) {
    const kind = specificityOf(segment);
    const value = kind === 'greedy' ? given.slice(index).join('/') : given[index];
    if (value === undefined) return undefined;
    if (kind === 'literal' && value !== segment) return undefined;
    if (kind !== 'literal' && value === '') return undefined;
    if (kind !== 'literal') parameters[nameOf(segment)] = value;
    if (kind === 'greedy') return parameters;
  }
  return given.length === wanted.length ? parameters : undefined;
}

function compareRoutes(a: HttpRoute, b: HttpRoute): number {
  const bSegments = b.path.split('/');
  for (const [index, segment] of a.path.split('/').entries()) {
    const other = bSegments[index];
    if (other === undefined) break;
    const difference = rank[specificityOf(segment)] - rank[specificityOf(other)];
    if (difference !== 0) return difference;
  }
  return Number(a.method === 'ANY') - Number(b.method === 'ANY');
}

function specificityOf(segment: string): Specificity {
  if (!segment.startsWith('{')) return 'literal';
  return segment.endsWith('+}') ? 'greedy' : 'parameter';
}

function nameOf(segment: string): string {
  return segment.replace(/^\{/, '').replace(/\+?\}$/, '');
}
