import { SlackRefusal, textIn, type SlackArguments } from "./slack-arguments.ts";
import { uploadInfo } from "./slack-files.ts";
import type { SlackWorld } from "./slack-methods.ts";

/** A file that a person uploaded. */
export interface HostedFile {
  readonly id: string;
  readonly name: string;
  readonly mimetype: string;
  readonly bytes: Buffer;
  readonly isDeleted?: boolean;
  /** Fields of the file object that a test sets itself. */
  readonly extra?: object;
}

/** One answer of the file server. */
interface FileAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: Buffer;
}

const loginPage: FileAnswer = {
  status: 200,
  type: "text/html; charset=utf-8",
  body: Buffer.from("<html>Sign in</html>"),
};

export const filesPath = "/files-pri/";

/** https://docs.slack.dev/reference/methods/files.info */
export function fileInfo(world: SlackWorld, args: SlackArguments) {
  const { files, settings, origin } = world;
  const uploaded = uploadInfo(world, textIn(args, "file"));
  if (uploaded !== undefined) return uploaded;
  const file = files.get(textIn(args, "file"));
  if (file === undefined) throw new SlackRefusal("file_not_found");
  if (file.isDeleted === true) throw new SlackRefusal("file_deleted");
  const { id, name, mimetype, bytes, extra = {} } = file;
  const url = `${origin()}${filesPath}${settings.team}-${id}`;
  const urls = { url_private: `${url}/${name}`, url_private_download: `${url}/download/${name}` };
  return { file: { id, name, title: name, mimetype, size: bytes.length, ...urls, ...extra } };
}

/** As Slack's file server: without a token that may read files it answers with its login page. */
export function hostedFile(
  { files, settings }: SlackWorld,
  path: string,
  authorization: string | undefined,
): FileAnswer {
  if (authorization !== `Bearer ${settings.botToken}` || !settings.scopes.includes("files:read"))
    return loginPage;
  const [, id = ""] = /^\/files-pri\/[^/]+-(F[A-Z0-9]+)\//u.exec(path) ?? [];
  const file = files.get(id);
  if (file === undefined) return { status: 404, type: "text/plain", body: Buffer.from("not found") };
  return { status: 200, type: file.mimetype, body: file.bytes };
}
