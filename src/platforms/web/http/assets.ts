import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** Loads nothing from other hosts, so that nothing a model writes can load or send data. */
const securityHeaders = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  // A stricter policy sends `Origin: null` with the sign-in form, which would be refused as another site's.
  "referrer-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
};

interface Asset {
  readonly body: Buffer;
  readonly type: string;
  readonly etag: string;
}

/** The page's files, read once at the start. Other files can't be requested. */
export class Assets {
  readonly #byName = new Map<string, Asset>();

  constructor() {
    const page = fileURLToPath(new URL("../page/", import.meta.url));
    for (const name of readdirSync(page)) this.#add(name, `${page}${name}`);
    this.#add("marked.js", fileURLToPath(import.meta.resolve("marked")));
    this.#add("purify.js", fileURLToPath(import.meta.resolve("dompurify")));
    this.#addHighlighter();
  }

  /** Sends the file, or 404. */
  send(name: string, request: IncomingMessage, response: ServerResponse, status = 200): void {
    const asset = this.#byName.get(name);
    if (asset === undefined) {
      sendText(response, 404, "Not found");
      return;
    }
    const headers = {
      ...securityHeaders,
      "content-type": asset.type,
      etag: asset.etag,
      // Browsers ask each time, and get the file only after an update.
      "cache-control": "no-cache",
    };
    if (status === 200 && request.headers["if-none-match"] === asset.etag) {
      response.writeHead(304, headers).end();
      return;
    }
    response.writeHead(status, { ...headers, "content-length": asset.body.length });
    response.end(request.method === "HEAD" ? undefined : asset.body);
  }

  /** The syntax highlighter; pages load the languages that they need. */
  #addHighlighter(): void {
    this.#add("tokenize.js", fileURLToPath(import.meta.resolve("@speed-highlight/core/tokenize")));
    const json = import.meta.resolve("@speed-highlight/core/languages/json.js");
    const folder = fileURLToPath(new URL(".", json));
    for (const name of readdirSync(folder).filter((each) => /^[\w-]+\.js$/u.test(each)))
      this.#add(`language-${name}`, `${folder}${name}`);
  }

  #add(name: string, file: string): void {
    const body = readFileSync(file);
    const etag = `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;
    this.#byName.set(name, { body, type: types[extname(name)] ?? "application/octet-stream", etag });
  }
}

export function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { ...securityHeaders, "content-type": "text/plain; charset=utf-8" });
  response.end(`${text}\n`);
}
