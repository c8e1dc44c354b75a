import { useSignal } from "@preact/signals";
import { html } from "htm/preact";
import { useEffect } from "preact/hooks";

/** Shows where files may be dropped: anywhere on the page. `onFiles(files)`: they were. */
export function DropArea({ onFiles }) {
  const isOver = useSignal(false);
  useEffect(() => {
    const controller = new AbortController();
    const on = (type, listener) => addEventListener(type, listener, { signal: controller.signal });
    on("dragover", (event) => {
      if (!hasFiles(event.dataTransfer) || isAsking()) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "copy";
      isOver.value = true;
    });
    on("dragleave", ({ relatedTarget }) => {
      if (relatedTarget === null) isOver.value = false;
    });
    on("drop", (event) => {
      isOver.value = false;
      if (!hasFiles(event.dataTransfer)) return;
      // Otherwise the browser would open the file in place of the page.
      event.preventDefault();
      if (!isAsking()) onFiles(filesIn(event.dataTransfer));
    });
    return () => controller.abort();
  }, [onFiles]);
  return html`<div id="drop" hidden=${!isOver.value}>Drop files here to attach them</div>`;
}

function isAsking() {
  return document.querySelector("dialog[open]") !== null;
}

function hasFiles(data) {
  return data?.types.includes("Files") === true;
}

/** Without folders, which can't be read as files. */
function filesIn(data) {
  const items = Array.from(data.items).filter(({ kind }) => kind === "file");
  return items
    .filter((item) => item.webkitGetAsEntry?.()?.isDirectory !== true)
    .flatMap((item) => item.getAsFile() ?? []);
}
