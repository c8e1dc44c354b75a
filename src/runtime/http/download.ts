import { PlatformError } from "../../ports/platform-error.ts";

/** What to download, and how much of it at most. */
export interface Download {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly maxBytes: number;
  readonly timeoutMs: number;
}

/** A downloaded body. */
export interface Downloaded {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Without parameters, in lower case. Empty: the server names none. */
  readonly mediaType: string;
}

/**
 * Downloads a file of a platform, in one attempt and without following redirects, which may lead to a login page or another
 * host. @throws {PlatformError}: `rejected` if it is larger than `maxBytes`; or the signal's reason.
 */
export async function download(
  { url, headers = {}, maxBytes, timeoutMs }: Download,
  signal: AbortSignal,
): Promise<Downloaded> {
  const ending = new AbortController();
  const within = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs), ending.signal]);
  try {
    const response = await fetch(url, { headers, redirect: "manual", signal: within });
    checkStatus(response);
    if (Number(response.headers.get("content-length") ?? 0) > maxBytes) throw tooLarge();
    const [type = ""] = (response.headers.get("content-type") ?? "").split(";", 1);
    return { bytes: await bodyOf(response, maxBytes), mediaType: type.trim().toLowerCase() };
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof PlatformError) throw cause;
    throw new PlatformError("unreachable", "the file's server can't be reached", { cause });
  } finally {
    // Ends the connection of a body that was not read to its end.
    ending.abort();
  }
}

function checkStatus({ ok, status, headers }: Response): void {
  if (ok) return;
  const seconds = Number(headers.get("retry-after") ?? 1) || 1;
  throw new PlatformError(kindOf(status), `the file's server answered with HTTP status ${status}`, {
    retryAfterMs: status === 429 ? seconds * 1_000 : 0,
  });
}

function kindOf(status: number): PlatformError["kind"] {
  if (status === 429) return "rate-limited";
  if (status === 404 || status === 410) return "gone";
  return status >= 500 ? "unreachable" : "forbidden";
}

async function bodyOf({ body }: Response, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body ?? []) {
    size += piece.length;
    if (size > maxBytes) throw tooLarge();
    pieces.push(piece);
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

function tooLarge(): PlatformError {
  return new PlatformError("rejected", "the file is larger than allowed");
}
