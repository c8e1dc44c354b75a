import type { DerivedReply } from "../../domain/archive.ts";
import type { Retracted } from "../../domain/own-inbounds.ts";

/** The inbound that removes a version of a reply from its conversation. */
export function retractionOf(reply: DerivedReply & Pick<Retracted, "staysShown">): Retracted {
  const { conversation, message, revision } = reply;
  // With the revision: one that came too late must not stop that of a newer version as a duplicate.
  return { ...reply, kind: "retracted", dedupeId: `retracted:${conversation}:${message}:${revision}` };
}
