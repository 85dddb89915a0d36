import type { MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';
import { CORS } from '../../shared/contract/cors.ts';
import type { Settings } from '../../shared/contract/settings.ts';

const allowNobody: MiddlewareHandler = (_, next) => next();

/** Answers preflights and lets pages of the configured origins see the answers. */
export const allowOrigins = ({ cors_origins: origins }: Pick<Settings, 'cors_origins'>): MiddlewareHandler =>
  origins.length === 0
    ? allowNobody
    : cors({
        origin: origins.includes('*') ? '*' : [...origins],
        allowMethods: [...CORS.methods],
        allowHeaders: [...CORS.requestHeaders],
        exposeHeaders: [...CORS.answerHeaders],
        maxAge: CORS.maxAgeSeconds,
      });
