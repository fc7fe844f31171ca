import { headerOf, type IngestRequest } from './request.ts';

/** A day: browsers keep less if they like less. */
const MAX_AGE_SECONDS = 86_400;

/**
 * The CORS headers of an answer. Only configured origins are echoed, exactly; `*` only if it is configured, and
 * never with credentials (the events carry none).
 */
export function corsHeaders(
  request: IngestRequest,
  allowedOrigins: readonly string[],
): Record<string, string> {
  const origin = headerOf(request, 'origin');
  if (allowedOrigins.includes('*')) return { 'access-control-allow-origin': '*' };
  const vary = { vary: 'Origin' };
  if (origin === undefined || !allowedOrigins.includes(origin)) return vary;
  return { ...vary, 'access-control-allow-origin': origin };
}

/** What a preflight asks for on top. */
export function preflightHeaders(): Record<string, string> {
  return {
    'access-control-allow-methods': 'POST, OPTIONS',
    'access-control-allow-headers': 'content-type, content-encoding',
    'access-control-max-age': String(MAX_AGE_SECONDS),
  };
}
