import { checkCall } from './check-call.ts';
import type { Operation } from './operations.ts';
import { nameOf } from './request/marker.ts';
import { serveCall } from './serve-call.ts';
import type { Service } from './service.ts';
import { errorResponse } from './wire/http-answers.ts';
import type { Exchange } from './wire/one-port-server.ts';

/** The service takes 25,000,000 bytes. */
export const maxBodyBytes = 25_000_000;

export async function handleCall(
  service: Service,
  { operation, modelId }: { readonly operation: Operation; readonly modelId: string },
  exchange: Exchange,
): Promise<void> {
  const body = await exchange.readBody(maxBodyBytes);
  if (body.kind === 'cut_off') return;
  const text = body.kind === 'whole' ? body.text : undefined;
  const checked = checkCall(service, { operation, modelId, body: text, exchange });
  const { model, request } = checked.kind === 'accepted' ? checked.accepted : checked;
  const call = service.calls.open({
    at_ms: service.clock(),
    model: model?.id ?? modelId,
    marker: request === undefined ? '' : nameOf(request),
  });
  if (checked.kind === 'accepted') {
    await serveCall(service, { accepted: checked.accepted, operation, call, exchange });
    return;
  }
  call.end({ kind: 'invalid', status: checked.error.status });
  exchange.respond(errorResponse(checked.error));
}
