import type { Context } from "hono";

import type { Ids } from "../../../ports/ids.ts";
import type { Log } from "../../../ports/log.ts";
import type { HttpEnv, HttpServer } from "../../../runtime/http/http-server.ts";
import type { AccessControl } from "../access/access-control.ts";
import { admissionOf } from "../access/admission.ts";
import type { Identities } from "../access/identity.ts";
import { sendText } from "../http/assets.ts";
import { sendRefusal } from "../http/sign-in.ts";
import type { Downloads } from "./downloads.ts";

const findDeadlineMs = 10_000;
const readDeadlineMs = 10 * 60_000;

interface FileParts {
  readonly access: AccessControl;
  readonly identities: Identities;
  readonly ids: Ids;
  readonly downloads: Downloads;
  readonly log: Log;
}

/** The path of a file, relative to the page. */
export function urlOfFile(conversation: string, id: string, name: string): string {
  return `files/${conversation}/${id}/${encodeURIComponent(name)}`;
}

/** Route: `/files/<conversation>/<id>/<name>` is a file that the bot gave to the caller. */
export function addFileRoutes({ routes }: HttpServer, parts: FileParts): void {
  routes.get("/files/:conversation/:id/:name", (context) => sendFile(parts, context));
}

async function sendFile({ downloads, ...parts }: FileParts, context: Context<HttpEnv>): Promise<Response> {
  const admission = admissionOf(context.env.incoming, parts);
  if ("cause" in admission) return sendRefusal(admission, context);
  const { conversation = "", id = "", name = "" } = context.req.param();
  const place = { user: admission.user, conversation };
  const found = await downloads.find(place, id, AbortSignal.timeout(findDeadlineMs));
  if (found === undefined)
    return sendText(context, 404, "This file is no longer here. Please ask the bot for it again.");
  const bytes = found.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const pieces = downloads.read(found, AbortSignal.timeout(readDeadlineMs));
  const cutOff = (error: unknown): void => {
    parts.log.error({ err: error }, "a file could not be read to its end; its download was cut off");
    context.env.outgoing.destroy();
  };
  return context.body(streamOf(pieces, cutOff), 200, {
    // Never opened as one of our pages, whatever it holds.
    "content-type": "application/octet-stream",
    "content-disposition": `attachment; filename*=UTF-8''${encodeURIComponent(name)}`,
    "content-length": String(bytes),
    "content-security-policy": "default-src 'none'; sandbox",
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
