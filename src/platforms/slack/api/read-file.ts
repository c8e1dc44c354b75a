import { z } from "zod";

import type { Platform } from "../../../ports/platform.ts";
import { PlatformError } from "../../../ports/platform-error.ts";
import { download } from "../../../runtime/http/download.ts";
import { isSlackUrl } from "./post-to-url.ts";
import type { SlackApi } from "./slack-api.ts";

interface Ports {
  readonly api: SlackApi;
  /** See WorkspacePorts. */
  readonly apiUrl: string | undefined;
}

const answer = z.object({
  file: z.object({
    url_private_download: z.string().nullish(),
    url_private: z.string().nullish(),
    size: z.number().nullish(),
    mimetype: z.string().nullish(),
  }),
});

const timeoutMs = 30_000;

/**
 * Makes the `readFile` of a workspace. Needs the scope files:read. The token goes to Slack's own hosts only: a file of
 * another service (`is_external`) is refused. https://docs.slack.dev/reference/objects/file-object
 */
export function fileReader({ api, apiUrl }: Ports): NonNullable<Platform["readFile"]> {
  return async ({ id }, maxBytes, signal) => {
    const { file } = await api.call(
      async (client) => answer.parse(await client.files.info({ file: id })),
      signal,
    );
    const url = file.url_private_download ?? file.url_private ?? "";
    if (!isSlackUrl(url, apiUrl)) throw new PlatformError("rejected", "the file does not lie at Slack");
    if ((file.size ?? 0) > maxBytes) throw new PlatformError("rejected", "the file is larger than allowed");
    const headers = { authorization: `Bearer ${api.token}` };
    const { bytes, mediaType } = await download({ url, headers, maxBytes, timeoutMs }, signal);
    // Without the scope, Slack may answer with its login page and status 200.
    if (mediaType === "text/html" && file.mimetype !== "text/html")
      throw new PlatformError("forbidden", "Slack answered with a page instead of the file");
    return bytes;
  };
}
