import { useSignal } from "@preact/signals";
import { html } from "htm/preact";
import { useEffect } from "preact/hooks";

import { attachFiles } from "./send-draft.js";

/** Shows where files may be dropped: anywhere on the page. */
export function DropArea() {
  const isOver = useSignal(false);
  useEffect(() => {
    addEventListener("dragover", (event) => {
      if (!hasFiles(event.dataTransfer) || isAsking()) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "copy";
      isOver.value = true;
    });
    addEventListener("dragleave", ({ relatedTarget }) => {
      if (relatedTarget === null) isOver.value = false;
    });
    addEventListener("drop", (event) => {
      isOver.value = false;
      if (!hasFiles(event.dataTransfer)) return;
      // Otherwise the browser would open the file in place of the page.
      event.preventDefault();
      if (!isAsking()) attachFiles(filesIn(event.dataTransfer));
    });
  }, []);
  return html`<div id="drop" hidden=${!isOver.value}>Drop files here to attach them</div>`;
}

function isAsking() {
  return document.querySelector("dialog[open]") !== null;
}

function hasFiles(data) {
  return data?.types.includes("Files") === true;
}

/** Without folders, which can't be read as files. */
function filesIn({ items }) {
  const files = Array.from(items).filter((each) => each.webkitGetAsEntry?.()?.isDirectory !== true);
  return files.flatMap((each) => each.getAsFile() ?? []);
}
