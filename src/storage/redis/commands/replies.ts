/** A reply that is a list of texts; anything else in it is left out. */
export function strings(reply: unknown): readonly string[] {
  return Array.isArray(reply) ? reply.filter((each) => typeof each === "string") : [];
}
