import { Apigatewayv2Api } from '@cdktf/provider-aws/lib/apigatewayv2-api';
import { Apigatewayv2Authorizer } from '@cdktf/provider-aws/lib/apigatewayv2-authorizer';
import { Apigatewayv2Integration } from '@cdktf/provider-aws/lib/apigatewayv2-integration';
import { Apigatewayv2Route } from '@cdktf/provider-aws/lib/apigatewayv2-route';
import { Apigatewayv2Stage } from '@cdktf/provider-aws/lib/apigatewayv2-stage';
import { LambdaPermission } from '@cdktf/provider-aws/lib/lambda-permission';
import { Construct } from 'constructs';
import { CORS } from '../../shared/contract/cors.ts';
import type { FunctionName } from '../../shared/contract/functions.ts';
import type { Route } from '../../shared/contract/routes.ts';
import { nameIn } from '../physical-name.ts';
import { createLogGroup, type LogKeeping } from './log-group.ts';
import type { PipelineFunction } from './pipeline-function.ts';

/**
 * Whoever may call spends money: callers sign as somebody who has `execute-api:Invoke`, or show a token; API keys the
 * functions check themselves, on every route.
 */
export type ApiAuthorization =
  | { readonly by: 'iam' }
  | { readonly by: 'api_key' }
  | { readonly by: 'jwt'; readonly issuer: string; readonly audience: readonly string[] };

export interface HttpApiProps {
  readonly routes: readonly Route[];
  /** Answers what no route names. */
  readonly fallback: FunctionName;
  readonly functions: Readonly<Partial<Record<FunctionName, PipelineFunction>>>;
  /** Whose pages may call it from a browser; none: nobody's. */
  readonly origins: readonly string[];
  readonly authorization: ApiAuthorization;
  /** Above either API Gateway answers 429 itself. */
  readonly limits: { readonly requestsPerSecond: number; readonly burstRequests: number };
  readonly logs: LogKeeping;
}

interface RouteAuthorization {
  readonly authorizationType: 'AWS_IAM' | 'JWT' | 'NONE';
  readonly authorizerId?: string;
}

/** The stage that answers without a path. */
const DEFAULT = '$default';

const toRouteKey = ({ method, path }: Route): string => `${method} ${path}`;

/** Of every request: who asked what, how it was answered, how long it took. Never a body or a header of the caller's. */
const ACCESS_LOG = {
  time: '$context.requestTime',
  request_id: '$context.requestId',
  source_ip: '$context.identity.sourceIp',
  caller: '$context.identity.userArn',
  route: '$context.routeKey',
  status: '$context.status',
  bytes: '$context.responseLength',
  latency_ms: '$context.responseLatency',
  integration_latency_ms: '$context.integrationLatency',
  integration_error: '$context.integrationErrorMessage',
  authorizer_error: '$context.authorizer.error',
} as const;

const toCors = (origins: readonly string[]) => ({
  allowOrigins: [...origins],
  allowMethods: [...CORS.methods],
  allowHeaders: [...CORS.requestHeaders],
  exposeHeaders: [...CORS.answerHeaders],
  maxAge: CORS.maxAgeSeconds,
});

/** The HTTP door: every route leads to the function that the contract names. */
export class HttpApi extends Construct {
  readonly url: string;
  readonly id: string;

  constructor(scope: Construct, id: string, props: HttpApiProps) {
    super(scope, id);
    const { routes, fallback, functions, origins } = props;
    const api = new Apigatewayv2Api(this, 'api', {
      name: nameIn(this, 'api'),
      protocolType: 'HTTP',
      ...(origins.length === 0 ? {} : { corsConfiguration: toCors(origins) }),
    });
    this.url = api.apiEndpoint;
    this.id = api.id;
    const names = [...new Set([...routes.map((route) => route.function), fallback])];
    const targets = new Map(
      names.map((name) => {
        const target = functions[name];
        if (target === undefined)
          throw new Error(`a route names the function ${name}, which is not deployed`);
        return [name, this.#integrate(api, name, target)];
      }),
    );
    const authorized = this.#authorize(api, props.authorization);
    const addRoute = (
      routeId: string,
      routeKey: string,
      name: FunctionName,
      authorization: RouteAuthorization = authorized,
    ): void => {
      const target = targets.get(name);
      if (target !== undefined)
        new Apigatewayv2Route(this, routeId, { apiId: api.id, routeKey, target, ...authorization });
    };
    for (const route of routes)
      addRoute(toRouteKey(route).replaceAll('/', ':'), toRouteKey(route), route.function);
    addRoute('fallback', DEFAULT, fallback);
    // A browser does not sign a preflight, and the route above would ask it to.
    if (origins.length > 0)
      addRoute('preflight', 'OPTIONS /{proxy+}', fallback, { authorizationType: 'NONE' });
    this.#open(api, props);
  }

  #authorize(api: Apigatewayv2Api, authorization: ApiAuthorization): RouteAuthorization {
    if (authorization.by === 'iam') return { authorizationType: 'AWS_IAM' };
    if (authorization.by === 'api_key') return { authorizationType: 'NONE' };
    const authorizer = new Apigatewayv2Authorizer(this, 'tokens', {
      apiId: api.id,
      name: nameIn(this, 'tokens'),
      authorizerType: 'JWT',
      identitySources: ['$request.header.Authorization'],
      jwtConfiguration: { issuer: authorization.issuer, audience: [...authorization.audience] },
    });
    return { authorizationType: 'JWT', authorizerId: authorizer.id };
  }

  #open(api: Apigatewayv2Api, { limits, logs }: HttpApiProps): void {
    // Below this name CloudWatch lets API Gateway write without a policy that lists every log group.
    const log = createLogGroup(this, `/aws/vendedlogs/${nameIn(this, 'api')}`, logs);
    new Apigatewayv2Stage(this, 'stage', {
      apiId: api.id,
      name: DEFAULT,
      autoDeploy: true,
      accessLogSettings: { destinationArn: log.arn, format: JSON.stringify(ACCESS_LOG) },
      defaultRouteSettings: {
        throttlingRateLimit: limits.requestsPerSecond,
        throttlingBurstLimit: limits.burstRequests,
        detailedMetricsEnabled: false,
      },
    });
  }

  /** Answers with the target of the routes that lead to the function. */
  #integrate(api: Apigatewayv2Api, name: FunctionName, target: PipelineFunction): string {
    const integration = new Apigatewayv2Integration(this, `${name}-integration`, {
      apiId: api.id,
      integrationType: 'AWS_PROXY',
      integrationUri: target.invokeArn,
      payloadFormatVersion: '2.0',
    });
    new LambdaPermission(this, `${name}-permission`, {
      statementId: 'http-api',
      action: 'lambda:InvokeFunction',
      functionName: target.createdName,
      principal: 'apigateway.amazonaws.com',
      sourceArn: `${api.executionArn}/*/*`,
    });
    return `integrations/${integration.id}`;
  }
}
