import { PlatformError } from "../../../ports/platform.ts";

interface PlainBody {
  readonly type: string;
  readonly body: string | Uint8Array<ArrayBuffer>;
  readonly withinMs: number;
}

/**
 * Sends something to an address that Slack gave us, without our token: the address is the key. False when Slack no
 * longer takes it. @throws {PlatformError}, or the signal's reason.
 */
export async function plainPost(url: string, plain: PlainBody, signal: AbortSignal): Promise<boolean> {
  const { ok, status, headers } = await send(url, plain, signal);
  if (status !== 429 && status < 500) return ok;
  const retryAfterMs = Number(headers.get("retry-after") ?? 1) * 1_000;
  throw new PlatformError(
    status === 429 ? "rate-limited" : "unreachable",
    `Slack answered with HTTP status ${status}`,
    { retryAfterMs },
  );
}

/** Whether an address is Slack's own, or on the host that stands in for Slack. */
export function isOfSlack(address: string, apiUrl: string | undefined): boolean {
  if (!URL.canParse(address)) return false;
  const url = new URL(address);
  if (apiUrl !== undefined && url.origin === new URL(apiUrl).origin) return true;
  return url.protocol === "https:" && /\.slack(?:-gov)?\.com$/u.test(url.hostname);
}

async function send(
  url: string,
  { type, body, withinMs }: PlainBody,
  signal: AbortSignal,
): Promise<Response> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": type },
      body,
      redirect: "error",
      signal: AbortSignal.any([signal, AbortSignal.timeout(withinMs)]),
    });
    await response.arrayBuffer();
    return response;
  } catch (cause) {
    signal.throwIfAborted();
    throw new PlatformError("unreachable", "Slack can't be reached", { cause });
  }
}
