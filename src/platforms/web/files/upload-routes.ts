import type { IncomingMessage } from "node:http";

import type { Context } from "hono";

import { imageTypes } from "../../../domain/image.ts";
import { FileStoreError, type FileStore } from "../../../ports/file-store.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Ids } from "../../../ports/ids.ts";
import type { Log } from "../../../ports/log.ts";
import type { HttpEnv, HttpServer } from "../../../runtime/http/http-server.ts";
import type { Proxies } from "../../../runtime/http/proxies.ts";
import type { AccessControl } from "../access/access-control.ts";
import { admissionOf } from "../access/admission.ts";
import { countedAddress } from "../access/counted-address.ts";
import type { Identities } from "../access/identity.ts";
import { sendJson, sendText } from "../http/assets.ts";
import { sendRefusal } from "../http/sign-in.ts";
import { maxFileBytes } from "../wire/files.ts";
import { findImage, isImageKey } from "./made-images.ts";
import { readStored } from "./read-stored.ts";
import { sendStored } from "./send-stored.ts";
import type { UploadAllowance } from "./upload-allowance.ts";
import { cleanFacts } from "./upload-id.ts";
import type { Uploads } from "./uploads.ts";

const path = "/chat/files";
const deadlineMs = 10_000;
/** A phone with a poor connection takes minutes for the largest file. */
const uploadDeadlineMs = 10 * 60_000;
const readDeadlineMs = 10 * 60_000;
/** How much of a refused file is read, so that the caller can read the refusal. */
const discarded = { bytes: 2 * maxFileBytes, ms: 10_000 };

interface UploadParts {
  readonly access: AccessControl;
  readonly identities: Identities;
  readonly proxies: Proxies;
  readonly ids: Ids;
  readonly uploads: Uploads;
  readonly allowance: UploadAllowance;
  readonly files: FileStore;
  readonly clock: Clock;
  readonly log: Log;
}

class TooLargeError extends Error {
  override readonly name = "TooLargeError";
}

/** Why an upload is refused: a status, a code, and a line for people. */
const refusals = {
  "bad-request": [400, "Name a conversation: POST /chat/files?conversation=…&name=…"],
  "too-large": [413, `A file may have ${maxFileBytes / 1_024 ** 2} MB at most.`],
  busy: [429, "Too many files are being sent. Please try again in a moment."],
  "used-up": [429, "You've sent too many files today. Please try again tomorrow (UTC)."],
  "not-stored": [503, "I couldn't save that file. Please try again."],
} as const;

/**
 * Routes: `POST /chat/files?conversation=…&name=…` takes a file as its raw body, and answers with an Upload as JSON;
 * `GET /chat/files/<conversation>/<message>/<key>/<name>` is a file that the caller sent, or an image of a reply.
 */
export function addUploadRoutes(http: HttpServer, parts: UploadParts): void {
  http.allowSlowBody(path);
  http.routes.post(path, (context) => receiveFile(parts, context));
  http.routes.get(`${path}/:conversation/:message/:key/:name`, (context) => sendFile(parts, context));
}

async function receiveFile(parts: UploadParts, context: Context<HttpEnv>): Promise<Response> {
  const { incoming } = context.env;
  const admission = admissionOf(incoming, parts);
  if ("cause" in admission) {
    const { cause, status, text } = admission;
    context.header("connection", "close");
    return sendJson(context, status, { error: cause, message: text });
  }
  const conversation = context.req.query("conversation") ?? "";
  if (!/^[\w-]{1,64}$/u.test(conversation)) return refuse(context, "bad-request");
  const declared = declaredBytes(incoming);
  if (declared > maxFileBytes) return refuse(context, "too-large");
  const { user, admittedBy } = admission;
  const who = { user, address: countedAddress(incoming, parts.proxies) };
  const admitted = await parts.allowance.admit(who, declared, AbortSignal.timeout(deadlineMs));
  if (typeof admitted === "string") return refuse(context, admitted);
  let storedBytes = 0;
  try {
    const mediaType = context.req.header("content-type") ?? "";
    const facts = cleanFacts({ name: context.req.query("name") ?? "", mediaType });
    const signal = AbortSignal.timeout(uploadDeadlineMs);
    const upload = await parts.uploads.store({ user, conversation }, facts, bodyOf(incoming), signal);
    storedBytes = upload.bytes;
    context.header("set-cookie", parts.identities.cookieFor(user, admittedBy, incoming));
    return sendJson(context, 200, upload);
  } catch (error) {
    return refuseAfter(parts, context, error);
  } finally {
    admitted.end(storedBytes);
  }
}

/** Without a declared size, a file counts as the largest. */
function declaredBytes({ headers }: IncomingMessage): number {
  const declared = Number(headers["content-length"] ?? Number.NaN);
  return Number.isNaN(declared) ? maxFileBytes : declared;
}

async function* bodyOf(incoming: IncomingMessage): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  // The connection stays: it carries the answer.
  const chunks: AsyncIterable<Buffer> = incoming.iterator({ destroyOnReturn: false });
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > maxFileBytes) throw new TooLargeError("The file is larger than allowed");
    yield chunk;
  }
}

function refuseAfter(
  { log }: UploadParts,
  context: Context<HttpEnv>,
  error: unknown,
): Response | Promise<Response> {
  const cause = error instanceof FileStoreError ? (error.cause ?? error) : error;
  if (cause instanceof TooLargeError || (cause instanceof FileStoreError && cause.kind === "too-large"))
    return refuse(context, "too-large");
  // A caller who hangs up is not an error.
  if (context.env.incoming.errored === null) log.error({ err: error }, "a person's file could not be stored");
  return refuse(context, "not-stored");
}

async function refuse(context: Context<HttpEnv>, why: keyof typeof refusals): Promise<Response> {
  const [status, message] = refusals[why];
  await discard(context.env.incoming);
  context.header("connection", "close");
  if (why === "busy") context.header("retry-after", "5");
  return sendJson(context, status, { error: why, message });
}

/** A connection that is closed while its caller still sends loses the answer. */
async function discard(incoming: IncomingMessage): Promise<void> {
  if (incoming.complete || incoming.destroyed) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const enough = setTimeout(resolve, discarded.ms);
  let bytes = 0;
  const count = (chunk: Buffer): void => {
    bytes += chunk.length;
    if (bytes > discarded.bytes) resolve();
  };
  incoming.on("data", count).once("end", resolve).once("close", resolve);
  await promise;
  clearTimeout(enough);
  incoming.off("data", count).pause();
}

async function sendFile(parts: UploadParts, context: Context<HttpEnv>): Promise<Response> {
  const admission = admissionOf(context.env.incoming, parts);
  if ("cause" in admission) return sendRefusal(admission, context);
  const { conversation = "", message = "", key = "", name = "" } = context.req.param();
  const place = { user: admission.user, conversation };
  const signal = AbortSignal.timeout(deadlineMs);
  const found = isImageKey(key)
    ? await findImage(parts.files, { place, message, key }, parts.clock.nowMs(), signal)
    : await parts.uploads.find(place, message, key, signal);
  if (found === undefined) return sendText(context, 404, "This file is no longer kept.");
  const { mediaType } = cleanFacts({ name, mediaType: context.req.query("type") ?? "" });
  const inlineType = imageTypes.find((each) => each === mediaType);
  const pieces = readStored(parts.files, [found], AbortSignal.timeout(readDeadlineMs));
  return sendStored(context, { name, bytes: found.sizeBytes, pieces, inlineType }, parts.log);
}
