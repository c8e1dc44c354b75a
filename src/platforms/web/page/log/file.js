import { useSignal } from "@preact/signals";
import { html } from "htm/preact";

import { sizeOf } from "../common/size-of.js";

const imageTypes = new Set(["image/png", "image/jpeg", "image/webp", "image/gif"]);

/** An image as a picture, another file as a link. Without `url` it is no longer kept. */
export function File({ file }) {
  const isGone = useSignal(false);
  const { name, description = name, mediaType, url, width, height } = file;
  if (isGone.value || url === undefined) return chip(name, "no longer kept");
  if (!imageTypes.has(mediaType)) return chip(name, sizeOf(file.bytes), url);
  const size = width > 0 && height > 0 ? { width, height } : undefined;
  return html`
    <a class=${size ? "picture" : "picture unmeasured"} href=${url} target="_blank" rel="noopener">
      <img alt=${description} loading="lazy" ...${size} src=${url} onError=${() => (isGone.value = true)} />
    </a>
  `;
}

function chip(name, detail, url) {
  const words = html`<span class="name" dir="auto">${name}</span> <span class="detail">${detail}</span>`;
  if (url === undefined) return html`<span class="chip">${words}</span>`;
  return html`<a class="chip" href=${url} download=${name} title=${`Download ${name}`}>${words}</a>`;
}
