/** The strings of a list reply. Empty for other replies. */
export function strings(reply: unknown): readonly string[] {
  return Array.isArray(reply) ? reply.filter((each) => typeof each === "string") : [];
}
