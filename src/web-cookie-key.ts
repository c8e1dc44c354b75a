import { ArchiveError } from "./ports/archive.ts";
import type { Log } from "./ports/log.ts";
import type { SecretArchive } from "./ports/secret-archive.ts";
import type { Stores } from "./storage/stores.ts";

const name = "web-cookie-key";

/**
 * The key that signs the cookies of the web chat. With another key nobody finds their conversations again, so it has to
 * outlive the hot store: what the archive has counts. @throws {StoreError}
 */
export async function webCookieKey(
  {
    stores,
    archive,
    log,
  }: {
    readonly stores: Pick<Stores, "cookieKey" | "replaceCookieKey">;
    readonly archive: SecretArchive;
    readonly log: Log;
  },
  signal: AbortSignal,
): Promise<Uint8Array> {
  const held = Buffer.from(stores.cookieKey).toString("base64");
  try {
    const kept = await archive.keepSecret(name, held, signal);
    if (kept === held) return stores.cookieKey;
    const key = Buffer.from(kept, "base64");
    await stores.replaceCookieKey(key, signal);
    return key;
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error;
    log.warn({ err: error }, "the key of the web chat could not be compared with the archive");
    return stores.cookieKey;
  }
}
