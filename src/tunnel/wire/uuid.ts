const HALF = 8;

/** Writes a hyphenated uuid the way the data channel stores it: bytes 8 to 15 first, then 0 to 7. */
export function writeUuid(frame: Buffer, uuid: string, at: number): void {
  const hex = uuid.replaceAll('-', '');
  frame.write(hex.slice(2 * HALF), at, HALF, 'hex');
  frame.write(hex.slice(0, 2 * HALF), at + HALF, HALF, 'hex');
}

/** @see writeUuid */
export function formatUuid(frame: Buffer, at: number): string {
  const hex = frame.toString('hex', at + HALF, at + 2 * HALF) + frame.toString('hex', at, at + HALF);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
