import { AwsFault } from './fault.ts';

/**
 * The content of a body that was sent in signed or trailing-checksum chunks (`Content-Encoding: aws-chunked`):
 * `<hex size>[;chunk-signature=…]\r\n<bytes>\r\n`, ended by a chunk of size 0 and trailers.
 * @throws AwsFault IncompleteBody
 */
export function decodeChunked(body: Buffer): Buffer {
  const parts: Buffer[] = [];
  let at = 0;
  for (;;) {
    const lineEnd = body.indexOf('\r\n', at);
    const size = lineEnd < 0 ? Number.NaN : Number.parseInt(body.toString('latin1', at, lineEnd), 16);
    if (Number.isNaN(size)) throw new AwsFault('IncompleteBody', 'The request body terminated unexpectedly');
    if (size === 0) return Buffer.concat(parts);
    const start = lineEnd + 2;
    if (start + size + 2 > body.length) {
      throw new AwsFault('IncompleteBody', 'The request body terminated unexpectedly');
    }
    parts.push(body.subarray(start, start + size));
    at = start + size + 2;
  }
}
