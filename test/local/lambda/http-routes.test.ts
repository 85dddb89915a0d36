import { type HttpRoute, matchRoute } from '../../../local/lambda/http-routes.ts';

const routes: HttpRoute[] = [
  { method: 'ANY', path: '/{proxy+}', function: 'rest' },
  { method: 'GET', path: '/v1/requests/{id}', function: 'one' },
  { method: 'GET', path: '/v1/requests/export', function: 'export' },
  { method: 'GET', path: '/v1/requests/{proxy+}', function: 'below' },
  { method: 'GET', path: '/v1/{kind}/totals', function: 'totals' },
  { method: 'ANY', path: '/v1/requests', function: 'any' },
  { method: 'POST', path: '/v1/requests', function: 'submit' },
  { method: 'GET', path: '/', function: 'root' },
];

it.each([
  ['GET', '/v1/requests/export', 'export', {}],
  ['GET', '/v1/requests/r-1', 'one', { id: 'r-1' }],
  ['GET', '/v1/requests/r-1/result', 'below', { proxy: 'r-1/result' }],
  ['GET', '/v1/batches/totals', 'totals', { kind: 'batches' }],
  ['GET', '/v1/requests/totals', 'one', { id: 'totals' }],
  ['POST', '/v1/requests', 'submit', {}],
  ['DELETE', '/v1/requests', 'any', {}],
  ['DELETE', '/v1/requests/r-1', 'rest', { proxy: 'v1/requests/r-1' }],
  ['GET', '/v1/requests/', 'rest', { proxy: 'v1/requests/' }],
  ['GET', '/', 'root', {}],
])('%s %s goes to %s', (method, path, name, pathParameters) => {
  const match = matchRoute(routes, method, path);
  expect(match?.route.function).toBe(name);
  expect(match?.pathParameters).toEqual(pathParameters);
});

it.each([
  ['POST', '/'],
  ['get', '/v2'],
])('%s %s has no route', (method, path) => {
  expect(matchRoute(routes.slice(1), method, path)).toBeUndefined();
});
