import type { IncomingHttpHeaders } from "node:http";

import { asList, asRecord, asText } from "./untyped-json.ts";
import { SlackRefusal, textIn, type SlackArguments } from "./slack-arguments.ts";
import type { SlackWorld } from "./slack-methods.ts";
import { threadIn } from "./slack-threads.ts";

type Answer = Readonly<Record<string, unknown>>;

/** A file that is being uploaded or was uploaded. */
export interface SlackUpload {
  readonly id: string;
  readonly name: string;
  readonly length: number;
  text?: string;
  /** The place where it was shared. Missing: not shared yet. */
  sharedIn?: string;
  /** The message that shows it. */
  ts?: string;
  isDeleted?: true;
}

/** Announced files. Each has its own upload URL, good for one upload. */
export class SlackUploads {
  readonly all: SlackUpload[] = [];
  /** So many times Slack says that it shared files, and does not. https://github.com/paradigmxyz/centaur/pull/311 */
  lostShares = 0;

  announce(name: string, length: number): SlackUpload {
    const upload = { id: `F${this.all.length + 1}`, name, length };
    this.all.push(upload);
    return upload;
  }

  /** Accepts raw bytes or a form with one file, as Slack's upload service does. */
  async take(
    path: string,
    headers: IncomingHttpHeaders,
    body: Buffer,
  ): Promise<{ readonly status: number; readonly text: string }> {
    const upload = this.all.find(({ id }) => path === uploadPath(id));
    if (upload === undefined || upload.text !== undefined) return { status: 404, text: "not_found" };
    // The URL is the secret: the token must not be sent here.
    if (headers.authorization !== undefined) return { status: 400, text: "unexpected token" };
    const bytes = await fileIn(headers["content-type"] ?? "", body);
    if (bytes.length !== upload.length) return { status: 400, text: "size mismatch" };
    upload.text = bytes.toString();
    return { status: 200, text: `OK - ${bytes.length}` };
  }
}

export const uploadsPath = "/upload/v1/";

/** https://docs.slack.dev/reference/methods/files.getUploadURLExternal */
export function openUpload({ uploads, origin }: SlackWorld, args: SlackArguments): Answer {
  const length = Number(args["length"]);
  if (!Number.isInteger(length) || length < 1) throw new SlackRefusal("invalid_arguments");
  const upload = uploads.announce(textIn(args, "filename"), length);
  return { upload_url: `${origin()}${uploadPath(upload.id)}`, file_id: upload.id };
}

/** https://docs.slack.dev/reference/methods/files.completeUploadExternal */
export function completeUpload(world: SlackWorld, args: SlackArguments): Answer {
  const { settings, messages, uploads } = world;
  const listed = args["files"];
  const wanted = asList(typeof listed === "string" ? JSON.parse(listed) : listed).map((each) =>
    asRecord(each),
  );
  const done = wanted.flatMap(({ id }) => uploads.all.filter((each) => each.id === id));
  if (done.length === 0 || done.length !== wanted.length) throw new SlackRefusal("file_not_found");
  if (done.some(({ text, isDeleted }) => text === undefined || isDeleted === true))
    throw new SlackRefusal("file_not_found");
  const files = done.map(({ id, name, length }) => ({ id, name, title: name, size: length }));
  if (args["channel_id"] === undefined) return { files };
  const channel = textIn(args, "channel_id");
  // Unlike chat.postMessage, this method does not accept a user id as the channel.
  if (!/^[CDG]/u.test(channel)) throw new SlackRefusal("channel_not_found");
  const threadTs = threadIn(world, channel, args);
  const closed = world.refusals.get(channel);
  if (closed !== undefined) throw new SlackRefusal(closed);
  if (uploads.lostShares > 0) {
    uploads.lostShares -= 1;
    return { files };
  }
  const message = messages.add({
    team: settings.team,
    channel,
    user: settings.botUserId,
    botId: settings.botId,
    text: asText(args["initial_comment"]),
    blocks: [],
    metadata: undefined,
    files,
    ...(threadTs === undefined ? {} : { threadTs }),
  });
  for (const upload of done) Object.assign(upload, { sharedIn: channel, ts: message.ts });
  world.echo.posted(message);
  return { files };
}

function uploadPath(id: string): string {
  return `${uploadsPath}${id}`;
}

async function fileIn(contentType: string, body: Buffer): Promise<Buffer> {
  if (!contentType.startsWith("multipart/form-data")) return body;
  const form = await new Response(new Uint8Array(body), {
    headers: { "content-type": contentType },
  }).formData();
  const files = [...form.values()].filter((value) => typeof value !== "string");
  const [file] = files;
  return file === undefined || files.length > 1 ? Buffer.alloc(0) : Buffer.from(await file.arrayBuffer());
}

/** https://docs.slack.dev/reference/methods/files.info, of a file that the bot uploaded. Undefined: it is none. */
export function uploadInfo({ uploads, messages }: SlackWorld, file: string): Answer | undefined {
  const upload = uploads.all.find(({ id }) => id === file);
  if (upload === undefined) return undefined;
  const { id, name, length, text, sharedIn, ts = "", isDeleted } = upload;
  if (text === undefined) throw new SlackRefusal("file_not_found");
  if (isDeleted === true) throw new SlackRefusal("file_deleted");
  const isSeen = sharedIn !== undefined && messages.get(sharedIn, ts) !== undefined;
  const kind = sharedIn?.startsWith("C") === true ? "public" : "private";
  const shares = isSeen ? { [kind]: { [sharedIn]: [{ ts }] } } : {};
  return { file: { id, name, title: name, size: length, shares } };
}

/** https://docs.slack.dev/reference/methods/files.delete. The message that shows it stays, without the file. */
export function deleteFile({ uploads, messages }: SlackWorld, args: SlackArguments): Answer {
  const upload = uploads.all.find(({ id }) => id === textIn(args, "file"));
  if (upload?.text === undefined) throw new SlackRefusal("file_not_found");
  if (upload.isDeleted === true) throw new SlackRefusal("file_deleted");
  upload.isDeleted = true;
  const message = messages.get(upload.sharedIn ?? "", upload.ts ?? "");
  if (message !== undefined)
    message.files = message.files.filter((file) => asRecord(file)["id"] !== upload.id);
  return {};
}
