import type { Hono } from 'hono';
import { createRedrive, type RedriveDeps } from '../../shared/flows/dead-letters/redrive.ts';
import { readJsonBody } from '../runtime/json-body.ts';
import { operatorOfCall } from '../runtime/operator.ts';
import { problemResponse } from '../runtime/problem-response.ts';
import { jsonResponse } from '../runtime/request-response.ts';

/** The HTTP door for what failed and is to be sent again. */
export const addRedrive = (app: Hono, deps: RedriveDeps): void => {
  const redrive = createRedrive(deps);
  app.post('/v1/dead-letters/redrive', async (context) => {
    const operator = operatorOfCall(context, deps.settings);
    if (operator.kind === 'refused') return problemResponse('not_an_operator', { detail: operator.detail });
    const body = await readJsonBody(context.req.raw);
    if (!body.ok) return body.response;
    const outcome = await redrive(body.value, operator.by);
    return outcome.kind === 'faulty'
      ? problemResponse('invalid_request', {
          detail: 'The order has faults; nothing was reopened.',
          errors: outcome.faults,
        })
      : jsonResponse(outcome.answer, { status: 200 });
  });
};
