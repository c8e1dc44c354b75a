/** What Discord sent is not as we believed. Trying again would fail again; outages come as errors of the ports. */
export function isPermanent(error: unknown): boolean {
  return error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError;
}
