/** A fixed address for what holds data: moving its construct must never replace it. */
export const toLogicalId = (name: string): string => name.replaceAll('-', '_');
