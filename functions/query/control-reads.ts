import type { Context, Hono } from 'hono';
import { limit } from '../../shared/contract/limits.ts';
import { CHANGES_PARAMETERS } from '../../shared/contract/routes.ts';
import type { Settings } from '../../shared/contract/settings.ts';
import { toChangeView, toControlView } from '../../shared/core/controls/to-controls-view.ts';
import { createListChanges } from '../../shared/flows/controls/list-changes.ts';
import type { ControlStore } from '../../shared/ports/control-store.ts';
import { operatorOfCall } from '../runtime/operator.ts';
import { problemResponse, toFaultyQuery } from '../runtime/problem-response.ts';
import { parameterFaults } from '../runtime/query-faults.ts';
import { jsonResponse } from '../runtime/request-response.ts';

export interface ControlReadDeps {
  readonly settings: Settings;
  readonly controls: ControlStore;
}

/** A positive whole number, nothing when it is not given, or the answer to anything else. */
const readNumber = (context: Context, name: string, most: number): number | undefined | Response => {
  const text = context.req.query(name);
  if (text === undefined) return undefined;
  if (/^\d{1,10}$/.test(text) && Number(text) >= 1 && Number(text) <= most) return Number(text);
  const detail = `must be a whole number from 1 to ${most}, not \`${text.slice(0, 50)}\``;
  return toFaultyQuery([{ parameter: name, code: 'out_of_range', detail }]);
};

/** The HTTP door for what operators have set, and who set it. */
export const addControlReads = (app: Hono, deps: ControlReadDeps): void => {
  const listChanges = createListChanges(deps);
  app.get('/v1/controls', async (context) => {
    const operator = operatorOfCall(context, deps.settings);
    if (operator.kind === 'refused') return problemResponse('not_an_operator', { detail: operator.detail });
    const { version, controls } = await deps.controls.read();
    return jsonResponse(
      { version, operator: operator.by, controls: controls.map(toControlView) },
      { status: 200 },
    );
  });
  app.get('/v1/controls/changes', async (context) => {
    const operator = operatorOfCall(context, deps.settings);
    if (operator.kind === 'refused') return problemResponse('not_an_operator', { detail: operator.detail });
    const faults = parameterFaults(new URL(context.req.url).searchParams, CHANGES_PARAMETERS);
    if (faults.length > 0) return toFaultyQuery(faults);
    const before = readNumber(context, 'before', 9_999_999_999);
    const most = readNumber(context, 'limit', limit('list_entries'));
    if (before instanceof Response) return before;
    if (most instanceof Response) return most;
    const { changes, next } = await listChanges(before, most ?? 20);
    return jsonResponse({ changes: changes.map(toChangeView), next_before: next ?? null }, { status: 200 });
  });
};
