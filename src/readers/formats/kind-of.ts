import type { AudioType } from "../../domain/audio.ts";
import { imageTypeOf } from "../../domain/image-bytes.ts";
import type { FileFacts, ImageInFile } from "../../ports/file-reader.ts";
import { audioTypeOf } from "./audio.ts";

/** What the first bytes of a file say. `other`: text, or nothing that can be read. */
type Signature = ImageInFile["mediaType"] | AudioType | "pdf" | "zip" | "compound" | "rtf" | "other";

const signatures: readonly (readonly [start: string, signature: Signature])[] = [
  ["%PDF-", "pdf"],
  ["PK\x03\x04", "zip"],
  ["PK\x05\x06", "zip"],
  ["\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "compound"],
  ["{\\rtf", "rtf"],
];
/** Within these, PDF readers look for the beginning. */
const pdfSearchBytes = 1_024;
const declaredPdf = /^application\/(?:x-)?pdf$/iu;
const declaredOffice = /^application\/(?:vnd\.openxmlformats-officedocument\.|vnd\.ms-|msword)/iu;
const declaredHtml = /^(?:text\/html|application\/xhtml\+xml)$/iu;
const declaredText =
  /^(?:text\/|application\/(?:json|xml|javascript|x-(?:sh|httpd-php|yaml|javascript)|sql|yaml|toml))/iu;
const namesOfHtml = /\.(?:html?|xhtml|shtml)$/iu;
const namesOfTemplates =
  /\.(?:php|phtml|vue|svelte|astro|jsp|aspx?|cshtml|ejs|erb|hbs|handlebars|mustache|njk|twig|liquid|tmpl|tpl|j2|jinja2?)$/iu;
const namesOfText =
  /\.(?:txt|md|mdx|csv|tsv|log|json|xml|ya?ml|toml|ini|cfg|conf|sql|[cm]?[jt]sx?|py|rb|go|rs|java|kt|swift|cs?|h|cpp|hpp|sh|ps1|css|scss|tex|rst|diff|patch)$/iu;

/** Recognises a file by its first bytes. */
export function signatureOf(bytes: Buffer, facts: FileFacts): Signature {
  const start = bytes.toString("latin1", 0, 16);
  const found = signatures.find(([each]) => start.startsWith(each));
  if (found !== undefined) return found[1];
  const media = imageTypeOf(bytes) ?? audioTypeOf(bytes);
  if (media !== undefined) return media;
  const isPdf = declaresPdf(facts) && bytes.subarray(0, pdfSearchBytes).includes("%PDF-");
  return isPdf ? "pdf" : "other";
}

function declaresPdf({ name, mediaType = "" }: FileFacts): boolean {
  return declaredPdf.test(mediaType) || /\.pdf$/iu.test(name);
}

/** Whether a file says that it is one of the kinds that are readable but no text: then it is broken if it is not. */
export function declaresDocument(facts: FileFacts): boolean {
  const { name, mediaType = "" } = facts;
  const isOffice = declaredOffice.test(mediaType) || /\.(?:docx|xlsx|pptx)[mx]?$/iu.test(name);
  const isImage =
    /^image\/(?:png|jpeg|gif|webp)$/iu.test(mediaType) || /\.(?:png|jpe?g|gif|webp)$/iu.test(name);
  return (
    isOffice ||
    isImage ||
    declaresAudio(facts) ||
    declaresPdf(facts) ||
    declaresText(facts) ||
    declaresHtml(facts)
  );
}

/** Whether a file says that it is a recording of a kind that is recognised. */
function declaresAudio({ name, mediaType = "" }: FileFacts): boolean {
  const declared = /^(?:audio\/(?:ogg|mpeg|wav|x-wav|flac|mp4|webm)|video\/(?:mp4|webm))$/iu;
  return (
    declared.test(withoutParameters(mediaType)) ||
    /\.(?:ogg|oga|opus|mp3|wav|flac|m4a|mp4|webm)$/iu.test(name)
  );
}

/** Whether a file says that it is HTML. */
export function declaresHtml({ name, mediaType = "" }: FileFacts): boolean {
  return declaredHtml.test(withoutParameters(mediaType)) || namesOfHtml.test(name);
}

/** Whether a file says nothing of its kind. */
export function declaresNothing({ name, mediaType = "" }: FileFacts): boolean {
  return isVague(withoutParameters(mediaType)) && !name.includes(".");
}

/** Whether a file is code that may begin as a page does. */
export function isTemplate({ name }: FileFacts): boolean {
  return namesOfTemplates.test(name);
}

/** Whether a file says that it is some text or code. */
export function declaresText({ name, mediaType = "" }: FileFacts): boolean {
  const declared = withoutParameters(mediaType);
  return declaredText.test(declared) || (isVague(declared) && namesOfText.test(name));
}

/** It says nothing. */
function isVague(mediaType: string): boolean {
  return mediaType === "" || mediaType === "application/octet-stream" || mediaType === "binary/octet-stream";
}

function withoutParameters(mediaType: string): string {
  return mediaType.split(";", 1)[0]?.trim() ?? "";
}
