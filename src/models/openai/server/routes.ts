import { presetAt, presets, type PresetName } from "../presets/all-presets.ts";
import type { Api, Preset } from "../presets/preset.ts";

/** An address and an API where a server may answer. */
export interface Route {
  /** Without trailing slash and query. */
  readonly baseUrl: string;
  readonly query: Readonly<Record<string, string>>;
  readonly api: Api;
}

/** The address of a model, from the settings. */
export interface Address {
  /** Missing: OpenAI's own. */
  readonly baseUrl?: string;
  /** Missing: recognised from the address. */
  readonly preset?: PresetName;
  /** Missing: what the server supports. */
  readonly api?: Api;
}

const openAi = "https://api.openai.com/v1";
/** Endpoints that people copy together with the address. */
const endpoints = ["/chat/completions", "/completions", "/responses", "/models"];

/** The preset of the server. Undefined: unknown. */
export function presetOf({ baseUrl = openAi, preset }: Address): PresetName | undefined {
  return preset ?? presetAt(new URL(baseUrl));
}

/** Where the server may answer, most likely first. Never empty. */
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
  // The path is missing or incomplete.
  if (own.startsWith(`${path}/`)) return [own, path];
  if (path === own || isDeployment(path)) return [path];
  if (isVersion(path)) return preset?.host === undefined && preset?.port === undefined ? [path] : [path, own];
  return path === "" ? [path] : [...new Set([path, `${path}/v1`, own])];
}

function isVersion(path: string): boolean {
  return /^v\d\w*$/u.test(path.split("/").at(-1) ?? "");
}

/** Azure's older addresses name a deployment, and support Chat Completions only. */
function isDeployment(path: string): boolean {
  return path.split("/").at(-2) === "deployments";
}
