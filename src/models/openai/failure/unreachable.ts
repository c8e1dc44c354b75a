import { asObject, asText } from "../../json.ts";

const maxCauses = 10;
const maxChars = 120;

/** Why a server can't be reached, for the operator: the network's or proxy's reason, and the setting to check. */
export function unreachableReason(error: unknown): string {
  const said = deepestIn(error);
  const [, status] = /^Proxy response \((\d+)\)/u.exec(said) ?? [];
  if (status === "407") return "the proxy wants a user and a password (407); check HTTPS_PROXY or HTTP_PROXY";
  if (status !== undefined)
    return `the proxy does not lead to the model's server (${status}); check HTTPS_PROXY or HTTP_PROXY`;
  const reason = said === "" ? "" : ` (${said})`;
  if (/certificate|unable to verify/iu.test(said))
    return `the model's server shows a certificate that is not trusted here${reason}; give its authority's with NODE_EXTRA_CA_CERTS, set outside of .env`;
  return `the model's server can't be reached${reason}; check OPENAI_BASE_URL, and a proxy where one is set`;
}

/** Each library wraps the error of the one below. */
function deepestIn(error: unknown): string {
  let said = "";
  let at: unknown = error;
  for (let depth = 0; depth < maxCauses && at !== undefined && at !== null; depth += 1) {
    const { message, code, cause, errors } = asObject(at);
    said = asText(message) || asText(code) || said;
    at = cause ?? (Array.isArray(errors) ? errors[0] : undefined);
  }
  return said.split(/[\r\n]/u, 1)[0]?.slice(0, maxChars) ?? "";
}
