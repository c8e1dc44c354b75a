import { asObject } from "../../json.ts";

const maxBytes = 64 * 1024;

/**
 * Rewrites an error response for OpenAI's client, which reads only `error` from the body. FastAPI's `detail`, vLLM's flat
 * errors and Gemini's lists are moved there. Other responses stay unchanged.
 */
export async function asErrorBody(response: Response): Promise<Response> {
  if (response.ok) return response;
  const text = await beginningOf(response);
  const { status, statusText } = response;
  const headers = new Headers(response.headers);
  // They describe the original body.
  headers.delete("content-encoding");
  headers.delete("content-length");
  return new Response(underError(text), { status, statusText, headers });
}

function underError(text: string): string {
  const body = parsed(text);
  const first: unknown = Array.isArray(body) ? body[0] : body;
  if (typeof first !== "object" || first === null) return text;
  const fields = asObject(first);
  const beside = Object.entries(fields).filter(([name]) => telling.has(name));
  // Some put only the name of the status into `error`, and the details beside it.
  if (typeof fields["error"] !== "object" || fields["error"] === null) {
    return JSON.stringify(fields["error"] && beside.length === 0 ? first : { error: first });
  }
  if (Array.isArray(fields["error"])) return JSON.stringify(first);
  return JSON.stringify({ error: { ...Object.fromEntries(beside), ...fields["error"] } });
}

const telling: ReadonlySet<string> = new Set(["message", "msg", "detail", "details", "trace", "metadata"]);

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
    if (bytes > maxBytes) break;
  }
  return Buffer.concat(parts).toString("utf8");
}
