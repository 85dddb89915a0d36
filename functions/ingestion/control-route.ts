import type { Hono } from 'hono';
import { toControlView } from '../../shared/core/controls/to-controls-view.ts';
import { createOrderControl, type OrderDeps } from '../../shared/flows/controls/order-control.ts';
import { readJsonBody } from '../runtime/json-body.ts';
import { operatorOfCall } from '../runtime/operator.ts';
import { problemResponse } from '../runtime/problem-response.ts';
import { jsonResponse } from '../runtime/request-response.ts';

/** The HTTP door for what operators set. */
export const addControl = (app: Hono, deps: OrderDeps): void => {
  const order = createOrderControl(deps);
  app.post('/v1/controls', async (context) => {
    const operator = operatorOfCall(context, deps.settings);
    if (operator.kind === 'refused') return problemResponse('not_an_operator', { detail: operator.detail });
    const body = await readJsonBody(context.req.raw);
    if (!body.ok) return body.response;
    const outcome = await order(body.value, operator.by);
    switch (outcome.kind) {
      case 'faulty':
        return problemResponse('invalid_request', { errors: outcome.faults });
      case 'too_many':
        return problemResponse('invalid_request', {
          detail: 'As many controls are set as there can be; take others back first.',
        });
      case 'busy':
        return problemResponse('temporarily_unavailable', {
          detail: 'Others are changing the controls; nothing was changed.',
        });
      case 'done': {
        const { version, controls } = outcome.controls;
        return jsonResponse(
          { version, operator: operator.by, controls: controls.map(toControlView) },
          { status: 200 },
        );
      }
    }
  });
};
