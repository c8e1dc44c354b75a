import { APIError } from "openai";

import type { ModelError } from "../../../ports/model.ts";
import { asList, asObject, asText } from "../../json.ts";
import { failureInStream } from "./failure.ts";

type Fields = Readonly<Record<string, unknown>>;

/** @throws {ModelError} for an event or body that reports a failure. */
export function throwIfFailed(event: Fields): void {
  const error = errorIn(event);
  if (error !== undefined) throw failureIn(error);
}

/** Converts the error object of a stream. Its status is a field, the code, or a name. */
export function failureIn(error: unknown): ModelError {
  const fields = typeof error === "string" ? { message: error } : asObject(error);
  return failureInStream(new APIError(statusIn(fields), fields, undefined, undefined));
}

function errorIn(event: Fields): unknown {
  if (event["error"]) return event["error"];
  if (event["object"] === "error" || event["type"] === "error") return event;
  // MiniMax reports failures in a field of its own.
  const { status_code: code = 0, status_msg: message } = asObject(event["base_resp"]);
  if (code !== 0) return { code, message };
  const isAnswer = event["choices"] !== undefined || event["type"] !== undefined;
  return !isAnswer && saysFailure(event) ? event : undefined;
}

/** Error forms of FastAPI, Cloudflare and gateways, sent with status 200. */
function saysFailure(event: Fields): boolean {
  const { message, msg, detail, errors, success } = event;
  return (
    typeof message === "string" ||
    typeof msg === "string" ||
    detail !== undefined ||
    asList(errors).length > 0 ||
    success === false
  );
}

/** Names that mean a status. The first match wins. */
const named: readonly (readonly [number, RegExp])[] = [
  [401, /authentication|unauthori[sz]ed|invalid_?api_?key/iu],
  [403, /permission|forbidden/iu],
  [404, /not_?found/iu],
  [413, /too_?large/iu],
  [429, /rate_?limit|too_?many_?requests|resource_?exhausted/iu],
  [400, /invalid_?request|bad_?request|invalid_?argument|invalid_?parameter|validation/iu],
];

function statusIn(fields: Fields): number | undefined {
  const { code, status, status_code: statusCode, http_status: httpStatus, type } = fields;
  const told = [code, status, statusCode, httpStatus].map(Number).find((each) => each >= 400 && each < 600);
  const names = [code, type, status].map(asText).join(" ");
  return told ?? named.find(([, form]) => form.test(names))?.[0];
}
