import { PlatformError } from "../../../ports/platform-error.ts";

interface RawBody {
  /** The content type. */
  readonly type: string;
  readonly body: string | Uint8Array<ArrayBuffer>;
  readonly timeoutMs: number;
}

/**
 * Posts to a URL that Slack gave us (a response_url, an upload URL), without our token: the URL itself is the secret.
 * False when Slack no longer accepts it. @throws {PlatformError}, or the signal's reason.
 */
export async function postWithoutToken(url: string, raw: RawBody, signal: AbortSignal): Promise<boolean> {
  const { ok, status, headers } = await send(url, raw, signal);
  if (status !== 429 && status < 500) return ok;
  const retryAfterMs = Number(headers.get("retry-after") ?? 1) * 1_000;
  throw new PlatformError(
    status === 429 ? "rate-limited" : "unreachable",
    `Slack answered with HTTP status ${status}`,
    { retryAfterMs },
  );
}

/** Whether a URL belongs to Slack, or to the host of `apiUrl`. Nothing is sent anywhere else. */
export function isSlackUrl(address: string, apiUrl: string | undefined): boolean {
  if (!URL.canParse(address)) return false;
  const url = new URL(address);
  if (apiUrl !== undefined && url.origin === new URL(apiUrl).origin) return true;
  return url.protocol === "https:" && /\.slack(?:-gov)?\.com$/u.test(url.hostname);
}

async function send(url: string, { type, body, timeoutMs }: RawBody, signal: AbortSignal): Promise<Response> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": type },
      body,
      redirect: "error",
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    await response.arrayBuffer();
    return response;
  } catch (cause) {
    signal.throwIfAborted();
    throw new PlatformError("unreachable", "Slack can't be reached", { cause });
  }
}
