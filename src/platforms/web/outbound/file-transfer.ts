import { withDeadline } from "../../../async/deadline.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { FileStore } from "../../../ports/file-store.ts";
import type { Connection } from "../connection/connection.ts";
import type { FileOffer } from "./file-events.ts";

/** The size of a part; small enough not to delay live events. */
export const partBytes = 64 * 1_024;
const readTimeoutMs = 5_000;
const retryMs = 1_000;
const maxTries = 5;

interface TransferPorts {
  readonly files: FileStore;
  readonly clock: Clock;
}

/**
 * Sends one file, part by part as fast as they read, to the pages that were open when it was announced. Tells them if the
 * file can't be read. Rejects only with the signal's reason.
 */
export async function transferFile(
  ports: TransferPorts,
  offer: FileOffer,
  connections: readonly Connection[],
  signal: AbortSignal,
): Promise<void> {
  const { conversation, name, mediaType, file, content } = offer;
  const parts = "text" in content ? 1 : Math.ceil(content.sizeBytes / partBytes);
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  for (let part = 0; part < parts && connections.some(({ isOpen }) => isOpen); part += 1) {
    const bytes = "text" in content ? undefined : await readPart(ports, content.hash, part, signal);
    const text = "text" in content ? content.text : bytes && decoder.decode(bytes, { stream: true });
    if (text === undefined) {
      const lost = `I couldn't send you the file \`${name}\`. Please ask for it again.`;
      for (const connection of connections) connection.send({ type: "notice", conversation, text: lost });
      return;
    }
    const frame = { type: "file", conversation, name, mediaType, file, part, parts, text } as const;
    await Promise.all(connections.map((each) => each.sendAndWait(frame)));
  }
}

/** Undefined if the file is gone, or can't be read with five tries. */
async function readPart(
  { files, clock }: TransferPorts,
  hash: string,
  part: number,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const range = { from: part * partBytes, to: (part + 1) * partBytes };
  for (let tries = 1; ; tries += 1) {
    try {
      return await withDeadline((within) => files.read(hash, range, within), readTimeoutMs, signal);
    } catch {
      signal.throwIfAborted();
      if (tries === maxTries) return undefined;
      await clock.sleep(retryMs, signal);
    }
  }
}
