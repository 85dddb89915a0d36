/** Of `smoother start`, unless it is told others. */
export const DEFAULT_PORTS = { api: 8787, cloud: 4566, simulator: 8788 } as const;

export const LOCAL_API = `http://127.0.0.1:${DEFAULT_PORTS.api}`;
