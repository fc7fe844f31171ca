import { isUtf8 } from 'node:buffer';
import { gunzipSync } from 'node:zlib';
import { headerOf, Refusal, type IngestRequest } from './request.ts';

/** API Gateway takes 10 MB, the authors' bill should not. */
export const MAX_BODY_BYTES = 256 * 1024;

const CONTENT_TYPES = new Set([
  'application/json',
  'text/plain',
  'application/x-ndjson',
  'application/ndjson',
]);

/**
 * The body's text, whatever it was wrapped in: base64 (as API Gateway does it for Blobs), gzip.
 * @throws Refusal 400, 413, 415
 */
export function textOfBody(request: IngestRequest): string {
  // sendBeacon with a Blob of no type sends none: such a body is judged by its content.
  const type = (headerOf(request, 'content-type') ?? '').split(';')[0]!.trim().toLowerCase();
  if (type !== '' && !CONTENT_TYPES.has(type)) {
    throw new Refusal(
      415,
      'unsupported_content_type',
      'Send application/json, text/plain or application/x-ndjson.',
    );
  }
  const bytes = unzip(
    request,
    Buffer.from(request.body ?? '', request.isBase64Encoded === true ? 'base64' : 'utf8'),
  );
  if (bytes.length > MAX_BODY_BYTES) throw tooLarge();
  if (!isUtf8(bytes)) throw new Refusal(400, 'invalid_utf8', 'The body is not UTF-8.');
  const text = bytes
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .trim();
  if (text === '') throw new Refusal(400, 'empty_body', 'The body holds no event.');
  return text;
}

function unzip(request: IngestRequest, bytes: Buffer): Buffer {
  if (bytes.length > MAX_BODY_BYTES) throw tooLarge();
  const encoding = (headerOf(request, 'content-encoding') ?? 'identity').trim().toLowerCase();
  if (encoding !== 'identity' && encoding !== 'gzip') {
    throw new Refusal(415, 'unsupported_encoding', 'The only content encoding taken is gzip.');
  }
  // Some trackers send gzip without saying so.
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  if (!isGzip && encoding === 'identity') return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_BODY_BYTES });
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge();
    throw new Refusal(400, 'invalid_gzip', 'The body is no gzip, or was cut off.');
  }
}

function tooLarge(): Refusal {
  return new Refusal(413, 'body_too_large', `The body is larger than ${MAX_BODY_BYTES / 1024} KB.`);
}
