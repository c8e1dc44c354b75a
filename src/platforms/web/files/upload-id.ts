import { z } from "zod";

/** What a person's program says of a file. Its content decides how it is read. */
export interface UploadFacts {
  readonly name: string;
  readonly mediaType: string;
}

const maxNameChars = 150;
const unknownType = "application/octet-stream";
const mediaType = /^[a-z\d][\w.+-]{0,60}\/[\w.+-]{1,80}$/u;
const facts = z.tuple([z.string(), z.string()]);

/** The facts in a form that is safe to store and to show. */
export function cleanFacts(given: { readonly name: string; readonly mediaType: string }): UploadFacts {
  const last = given.name.slice(0, 4_000).split(/[/\\]/u).at(-1) ?? "";
  const name = last
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "")
    .trim();
  const [type = ""] = given.mediaType.slice(0, 200).split(";", 1);
  const lower = type.trim().toLowerCase();
  return { name: shorten(name) || "file", mediaType: mediaType.test(lower) ? lower : unknownType };
}

/**
 * The id of an upload: a key that names it among those of its conversation, and the facts. So a message needs nothing else of
 * it, on any replica. People who change the facts in it change what is said of their own files.
 */
export function uploadId(key: string, { name, mediaType: type }: UploadFacts): string {
  return `${key}.${Buffer.from(JSON.stringify([name, type])).toString("base64url")}`;
}

/** Undefined if it is no such id. */
export function readUploadId(id: string): (UploadFacts & { readonly key: string }) | undefined {
  const parts = /^(?<key>[\w-]{1,64})\.(?<coded>[\w-]{1,3000})$/u.exec(id)?.groups;
  if (parts === undefined) return undefined;
  const { key = "", coded = "" } = parts;
  const read = facts.safeParse(parseJson(Buffer.from(coded, "base64url").toString()));
  if (!read.success) return undefined;
  const [name, type] = read.data;
  return { key, ...cleanFacts({ name, mediaType: type }) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Keeps the extension, by which programs open it. */
function shorten(name: string): string {
  if (name.length <= maxNameChars) return name;
  const end = /\.[^.]{1,20}$/u.exec(name)?.[0] ?? "";
  return (name.slice(0, maxNameChars - end.length) + end).toWellFormed();
}
