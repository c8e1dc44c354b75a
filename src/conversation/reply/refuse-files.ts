import type { PostFile } from "../../domain/post.ts";
import type { Log } from "../../ports/log.ts";
import { PlatformError } from "../../ports/platform-error.ts";

/**
 * After the last try to send files: a platform that takes a post alone has no outage, so the answer does not wait for its
 * files. `writeAlone`: writes a post without files, once. @throws {PlatformError} always: one that refuses the files, or an
 * error of the platform.
 */
export async function refuseFiles(
  log: Log,
  error: unknown,
  files: readonly PostFile[],
  writeAlone: () => Promise<void>,
): Promise<never> {
  const isUnreachable = error instanceof PlatformError && error.kind === "unreachable";
  if (!isUnreachable || files.length === 0) throw error;
  await writeAlone();
  log.warn(
    { err: error },
    "the files of a reply can't be sent, so it is sent without them; check the platform and the file store",
  );
  throw new PlatformError("rejected", "The files of a reply can't be sent", {
    cause: error,
    refusesFiles: true,
  });
}

/** @throws an error that does not pass. */
export function unlessPassing(error: unknown): void {
  if (!(error instanceof PlatformError) || !error.isPassing) throw error;
}
