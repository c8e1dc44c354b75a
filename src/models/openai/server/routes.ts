import { presetAt, presets, type PresetName } from "../presets/all-presets.ts";
import type { Api, Preset } from "../presets/preset.ts";

/** An address and an API under which a server may answer. */
export interface Route {
  /** Without a slash at its end, and without its query. */
  readonly baseUrl: string;
  readonly query: Readonly<Record<string, string>>;
  readonly api: Api;
}

/** Where a model is asked, as it is set. */
export interface Address {
  /** Missing: OpenAI's own. */
  readonly baseUrl?: string;
  /** Missing: what the address says. */
  readonly preset?: PresetName;
  /** Missing: what the server knows. */
  readonly api?: Api;
}

const openAi = "https://api.openai.com/v1";
/** What people copy with the address. */
const endpoints = ["/chat/completions", "/completions", "/responses", "/models"];

/** What is known of the server. Undefined: nothing. */
export function presetOf({ baseUrl = openAi, preset }: Address): PresetName | undefined {
  return preset ?? presetAt(new URL(baseUrl));
}

/** Where the server may answer, the likeliest first; never empty. */
export function routesTo(address: Address): readonly Route[] {
  const name = presetOf(address);
  const preset: Preset | undefined = name === undefined ? undefined : presets[name];
  const url = new URL(address.baseUrl ?? openAi);
  const query = Object.fromEntries(url.searchParams);
  const { path, endpoint } = pathIn(url);
  const api = address.api ?? preset?.api ?? (isDeployment(path) ? "chat" : undefined);
  const apis = api === undefined ? apisFor(endpoint) : [api];
  const bases = pathsFor(path, preset).map((each) => url.origin + each);
  return bases.flatMap((baseUrl) => apis.map((each) => ({ baseUrl, query, api: each })));
}

function apisFor(endpoint: string): readonly Api[] {
  return endpoint.endsWith("/completions") ? ["chat", "responses"] : ["responses", "chat"];
}

function pathIn({ pathname }: URL): { readonly path: string; readonly endpoint: string } {
  const path = pathname
    .split("/")
    .flatMap((part) => (part === "" ? [] : [`/${part}`]))
    .join("");
  const endpoint = endpoints.find((each) => path.endsWith(each)) ?? "";
  return { path: path.slice(0, path.length - endpoint.length), endpoint };
}

function pathsFor(path: string, preset: Preset | undefined): readonly string[] {
  const own = preset?.path ?? "/v1";
  // No path at all, or the beginning of the right one.
  if (own.startsWith(`${path}/`)) return [own, path];
  if (path === own || isDeployment(path)) return [path];
  if (isVersion(path)) return preset?.host === undefined && preset?.port === undefined ? [path] : [path, own];
  return path === "" ? [path] : [...new Set([path, `${path}/v1`, own])];
}

function isVersion(path: string): boolean {
  return /^v\d\w*$/u.test(path.split("/").at(-1) ?? "");
}

/** Azure's older addresses name the model's deployment, and know Chat Completions only. */
function isDeployment(path: string): boolean {
  return path.split("/").at(-2) === "deployments";
}
