import { Apigatewayv2Api } from '@cdktf/provider-aws/lib/apigatewayv2-api';
import { Apigatewayv2Integration } from '@cdktf/provider-aws/lib/apigatewayv2-integration';
import { Apigatewayv2Route } from '@cdktf/provider-aws/lib/apigatewayv2-route';
import { Apigatewayv2Stage } from '@cdktf/provider-aws/lib/apigatewayv2-stage';
import { LambdaPermission } from '@cdktf/provider-aws/lib/lambda-permission';
import { Construct } from 'constructs';
import { CORS } from '../../shared/contract/cors.ts';
import type { FunctionName } from '../../shared/contract/functions.ts';
import { physicalName } from '../../shared/contract/resources.ts';
import type { Route } from '../../shared/contract/routes.ts';
import type { PipelineFunction } from './pipeline-function.ts';

export interface HttpApiProps {
  readonly routes: readonly Route[];
  /** Answers what no route names. */
  readonly fallback: FunctionName;
  readonly functions: Readonly<Record<FunctionName, PipelineFunction>>;
  /** Whose pages may call it from a browser; none: nobody's. */
  readonly origins: readonly string[];
}

/** API Gateway's own name, of the route that takes the rest and of the stage without a path. */
const DEFAULT = '$default';

const toRouteKey = ({ method, path }: Route): string => `${method} ${path}`;

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

  constructor(scope: Construct, id: string, { routes, fallback, functions, origins }: HttpApiProps) {
    super(scope, id);
    const api = new Apigatewayv2Api(this, 'api', {
      name: physicalName('api'),
      protocolType: 'HTTP',
      ...(origins.length === 0 ? {} : { corsConfiguration: toCors(origins) }),
    });
    this.url = api.apiEndpoint;
    const names = [...new Set([...routes.map((route) => route.function), fallback])];
    const targets = new Map(names.map((name) => [name, this.#integrate(api, name, functions[name])]));
    const addRoute = (
      routeId: string,
      routeKey: string,
      name: FunctionName,
      // Whoever may call spends money: callers sign with an identity that has `execute-api:Invoke`.
      authorizationType: 'AWS_IAM' | 'NONE' = 'AWS_IAM',
    ): void => {
      const target = targets.get(name);
      if (target !== undefined)
        new Apigatewayv2Route(this, routeId, { apiId: api.id, routeKey, target, authorizationType });
    };
    for (const route of routes)
      addRoute(toRouteKey(route).replaceAll('/', ':'), toRouteKey(route), route.function);
    addRoute('fallback', DEFAULT, fallback);
    // A browser does not sign a preflight, and the route above would ask it to.
    if (origins.length > 0) addRoute('preflight', 'OPTIONS /{proxy+}', fallback, 'NONE');
    new Apigatewayv2Stage(this, 'stage', { apiId: api.id, name: DEFAULT, autoDeploy: true });
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
      functionName: target.name,
      principal: 'apigateway.amazonaws.com',
      sourceArn: `${api.executionArn}/*/*`,
    });
    return `integrations/${integration.id}`;
  }
}
