import { fileOfPost } from "../../domain/file-post.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Ids } from "../../ports/ids.ts";
import type { Log } from "../../ports/log.ts";
import { PlatformError } from "../../ports/platform-error.ts";
import type { Platform } from "../../ports/platform.ts";
import { retractedText } from "../text/user-messages.ts";
import { overwritePost } from "./overwrite-post.ts";
import { platformFor, type PlatformPorts } from "./platform-for.ts";
import { retry } from "../async/retry.ts";
import type { PostId } from "../../domain/message.ts";

interface DeletePorts extends PlatformPorts {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

/**
 * Deletes posts of the bot that were made from removed messages. Idempotent. A post that can't be deleted for good is logged
 * and left. @throws {PlatformError} while the platform is unreachable; call again later.
 */
export async function retractPosts(
  ports: DeletePorts,
  platformName: string,
  posts: readonly PostId[],
  signal: AbortSignal,
): Promise<void> {
  for (const post of posts) {
    try {
      const platform = platformFor(ports, platformName);
      // Deleting needs only the post's id.
      const to = { platform: platformName, target: {} };
      const file = fileOfPost(post);
      if (file === undefined)
        await retry(ports.clock, signal, () => platform.deletePost(to, post, signal)).catch(
          (error: unknown) => blank(ports, { platform, post, error }, signal),
        );
      else await retry(ports.clock, signal, async () => platform.sharedFiles?.remove(to, file, signal));
    } catch (error) {
      if (!(error instanceof PlatformError) || error.isPassing) throw error;
      const reference = ports.ids.reference();
      ports.log.error(
        { err: error, kind: error.kind, reference },
        "could not delete a reply; delete it by hand",
      );
    }
  }
}

/** Overwrites a post that the platform fails to delete. @throws {PlatformError} the error of the deletion, if that fails too. */
async function blank(
  ports: DeletePorts,
  { platform, post, error }: { readonly platform: Platform; readonly post: PostId; readonly error: unknown },
  signal: AbortSignal,
): Promise<void> {
  if (!(error instanceof PlatformError) || error.kind !== "unreachable") throw error;
  const to = { platform: platform.name, target: {} };
  const instead = { turn: post, part: 0, covers: [], text: retractedText, state: "done" } as const;
  try {
    await overwritePost(platform, to, { id: post, post: instead }, signal);
  } catch {
    throw error;
  }
  ports.log.warn({ err: error }, "could not delete a reply, so its text was overwritten");
}
