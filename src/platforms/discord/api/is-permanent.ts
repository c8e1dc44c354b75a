/**
 * True for a programming error: Discord sent something of an unexpected shape. A retry would fail again. Outages
 * arrive as the ports' own errors.
 */
export function isPermanent(error: unknown): boolean {
  return error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError;
}
