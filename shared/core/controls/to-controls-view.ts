import type { Control, ControlChange, ControlChangeView, ControlView } from '../../contract/controls.ts';

const toTime = (timeMs: number): string => new Date(timeMs).toISOString();

export const toControlView = (control: Control): ControlView => ({
  kind: control.kind,
  name: control.name,
  paused: control.paused,
  quota: control.quota ?? null,
  weight: control.weight ?? null,
  reason: control.reason,
  changed_at: toTime(control.changed_at_ms),
  changed_by: control.changed_by,
});

export const toChangeView = ({ at_ms, before, after, ...change }: ControlChange): ControlChangeView => ({
  version: change.version,
  at: toTime(at_ms),
  by: change.by,
  kind: change.kind,
  name: change.name,
  reason: change.reason,
  before: before === null ? null : toControlView(before),
  after: after === null ? null : toControlView(after),
});
