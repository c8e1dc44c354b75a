import type { Attachment } from "../../../domain/message.ts";
import type { Log } from "../../../ports/log.ts";
import { readRef, type Uploads } from "./uploads.ts";

/** Each asks the store once. Older files are found missing when they are opened. */
const maxAsked = 40;
const deadlineMs = 2_000;

/** The refs of the newest files that are no longer kept: the store was full, or lost them. None while it is away. */
export async function goneFiles(
  { uploads, log }: { readonly uploads: Pick<Uploads, "find">; readonly log: Log },
  messages: readonly { readonly attachments: readonly Attachment[] }[],
): Promise<ReadonlySet<string>> {
  const refs = messages.flatMap(({ attachments }) => attachments.flatMap(({ ref }) => ref ?? []));
  const gone = new Set<string>();
  const signal = AbortSignal.timeout(deadlineMs);
  try {
    for (const ref of refs.slice(-maxAsked)) {
      const sent = readRef(ref);
      if (sent === undefined) continue;
      const found = await uploads.find(sent.place, sent.message.id, sent.key, signal);
      if (found === undefined) gone.add(ref.id);
    }
  } catch (error) {
    log.debug({ err: error }, "could not check which files are still kept");
  }
  return gone;
}
