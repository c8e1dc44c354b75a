import type { Context } from "hono";

import type { FileStore } from "../../../ports/file-store.ts";
import type { Ids } from "../../../ports/ids.ts";
import type { Log } from "../../../ports/log.ts";
import type { HttpEnv, HttpServer } from "../../../runtime/http/http-server.ts";
import type { AccessControl } from "../access/access-control.ts";
import { admissionOf } from "../access/admission.ts";
import type { Identities } from "../access/identity.ts";
import { sendText } from "../http/assets.ts";
import { sendRefusal } from "../http/sign-in.ts";
import type { Downloads } from "./downloads.ts";
import { readStored } from "./read-stored.ts";
import { sendStored } from "./send-stored.ts";

const findDeadlineMs = 10_000;
const readDeadlineMs = 10 * 60_000;

interface FileParts {
  readonly access: AccessControl;
  readonly identities: Identities;
  readonly ids: Ids;
  readonly downloads: Downloads;
  readonly files: FileStore;
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
  const pieces = readStored(parts.files, found, AbortSignal.timeout(readDeadlineMs));
  return sendStored(context, { name, bytes, pieces }, parts.log);
}
