import { Hono } from 'hono';
import { DOOR_ROUTES, DOORS } from '../../shared/contract/door-routes.ts';
import { createFiles } from '../../shared/flows/files/keep-files.ts';
import { allowOrigins } from '../runtime/allow-origins.ts';
import { authenticate } from '../runtime/authenticate.ts';
import type { DoorDeps } from '../runtime/compose-doors.ts';
import { correlate } from '../runtime/correlation.ts';
import { findDoorRoute } from '../runtime/find-route.ts';
import { problemResponse, unexpected } from '../runtime/problem-response.ts';
import { addAnthropicBatches } from './anthropic-batches.ts';
import { ANTHROPIC, addAnthropicDoor } from './anthropic-door.ts';
import { createAsk } from './ask.ts';
import { addBedrockDoor, BEDROCK } from './bedrock-door.ts';
import { addOpenAiBatches } from './openai-batches.ts';
import { addOpenAiDoor, OPENAI } from './openai-door.ts';
import { addOpenAiFiles } from './openai-files.ts';
import { addPlainDoor } from './plain-door.ts';
import { addProgress } from './progress-door.ts';
import { speak } from './speak.ts';

const notThere = (method: string, path: string): Response => {
  const door = Object.values(DOORS).find(({ prefix }) => path.startsWith(prefix));
  const calls = DOOR_ROUTES.filter((route) => door !== undefined && route.path.startsWith(door.prefix))
    .map((route) => `${route.method} ${route.path}`)
    .join(', ');
  return problemResponse('not_found', {
    detail: `${method} ${path} is not supported. ${door === undefined ? 'No door is there' : `There are ${calls}`}; see docs/compatibility.md.`,
  });
};

/** The doors for clients of others, who change an address and nothing else. */
export const createDoorsApp = (deps: DoorDeps): Hono => {
  const ask = createAsk(deps);
  const files = createFiles(deps);
  const app = new Hono();
  app.use(allowOrigins(deps.settings));
  app.use('/anthropic/*', speak(ANTHROPIC));
  app.use('/openai/*', speak(OPENAI));
  app.use('/bedrock/*', speak(BEDROCK));
  app.use(correlate, authenticate(deps, findDoorRoute));
  addAnthropicDoor(app, deps, ask);
  addAnthropicBatches(app, deps);
  addOpenAiDoor(app, deps, ask);
  addOpenAiFiles(app, deps, files);
  addOpenAiBatches(app, deps, files);
  addBedrockDoor(app, deps, ask);
  addPlainDoor(app, deps, ask);
  addProgress(app, deps);
  app.notFound((context) => notThere(context.req.method, context.req.path));
  app.onError((error, context) => unexpected(error, deps.telemetry, context.get('correlationId')));
  return app;
};
