import { CORRELATION_HEADER, REQUEST_ID_HEADER } from './correlation.ts';

/** What pages of the origins in `cors_origins` may send and see; the same at the gateway and in the functions. */
export const CORS = {
  methods: ['GET', 'POST', 'OPTIONS'],
  requestHeaders: [
    'Authorization',
    'Content-Type',
    'Idempotency-Key',
    'Prefer',
    CORRELATION_HEADER,
    REQUEST_ID_HEADER,
    // A browser that signs its calls sends these.
    'X-Amz-Content-Sha256',
    'X-Amz-Date',
    'X-Amz-Security-Token',
  ],
  answerHeaders: [
    'Idempotency-Replayed',
    'Link',
    'Location',
    'Preference-Applied',
    'RateLimit',
    'RateLimit-Policy',
    'Retry-After',
    CORRELATION_HEADER,
    REQUEST_ID_HEADER,
  ],
  maxAgeSeconds: 600,
} as const;
