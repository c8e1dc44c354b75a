const mostBytes = 64 * 1024;

/**
 * A response as the library reads errors: it takes from a body what stands under `error`, and drops the rest. FastAPI's
 * `detail`, vLLM's flat errors and Gemini's lists are put there; other responses stay as they are.
 */
export async function asErrorBody(response: Response): Promise<Response> {
  if (response.ok) return response;
  const text = await beginningOf(response);
  const { status, statusText } = response;
  const headers = new Headers(response.headers);
  // Those of the body that was read.
  headers.delete("content-encoding");
  headers.delete("content-length");
  return new Response(underError(text), { status, statusText, headers });
}

function underError(text: string): string {
  const body = parsed(text);
  const first: unknown = Array.isArray(body) ? body[0] : body;
  if (typeof first !== "object" || first === null) return text;
  return JSON.stringify(hasError(first) ? first : { error: first });
}

/** Some say in `error` what the status says, and the rest beside it. */
function hasError(body: object): boolean {
  if (!("error" in body) || !body.error) return false;
  return typeof body.error === "object" || !("message" in body || "detail" in body);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function beginningOf({ body }: Response): Promise<string> {
  if (body === null) return "";
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body) {
    parts.push(part);
    bytes += part.byteLength;
    if (bytes > mostBytes) break;
  }
  return Buffer.concat(parts).toString("utf8");
}
