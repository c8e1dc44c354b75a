import type { Context } from "hono";

import type { Log } from "../../../ports/log.ts";
import type { HttpEnv } from "../../../runtime/http/http-server.ts";

/** What is sent of a stored file. */
interface SentFile {
  readonly name: string;
  readonly bytes: number;
  readonly pieces: AsyncGenerator<Uint8Array>;
  /** The page shows it as an image of this type. Missing: it is downloaded. */
  readonly inlineType?: string | undefined;
}

/** Answers with a file, which is never opened as one of our pages, whatever it holds. */
export function sendStored(context: Context<HttpEnv>, file: SentFile, log: Log): Response {
  const { name, bytes, pieces, inlineType } = file;
  const cutOff = (error: unknown): void => {
    log.error({ err: error }, "a file could not be read to its end; its download was cut off");
    context.env.outgoing.destroy();
  };
  const disposition = inlineType === undefined ? "attachment" : "inline";
  return context.body(streamOf(pieces, cutOff), 200, {
    "content-type": inlineType ?? "application/octet-stream",
    "content-disposition": `${disposition}; filename*=UTF-8''${encodeURIComponent(name.toWellFormed())}`,
    "content-length": String(bytes),
    "content-security-policy": "default-src 'none'; sandbox",
    "cross-origin-resource-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
  });
}

/** Reads as fast as the caller does. After an error, `cutOff` ends the answer: the stream's own error would be sent as text. */
function streamOf(
  pieces: AsyncGenerator<Uint8Array>,
  cutOff: (error: unknown) => void,
): ReadableStream<Uint8Array> {
  return new ReadableStream({
    pull: async (controller) => {
      const next = await pieces.next().catch(cutOff);
      if (next === undefined || next.done === true) controller.close();
      else controller.enqueue(next.value);
    },
    cancel: async () => void (await pieces.return(undefined)),
  });
}
