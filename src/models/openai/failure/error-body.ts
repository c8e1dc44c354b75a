import { asObject } from "../../json.ts";

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
  const fields = asObject(first);
  const beside = Object.entries(fields).filter(([name]) => telling.has(name));
  // Some say in `error` what the status says, and the rest beside it.
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
    if (bytes > mostBytes) break;
  }
  return Buffer.concat(parts).toString("utf8");
}
