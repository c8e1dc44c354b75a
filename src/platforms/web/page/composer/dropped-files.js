const area = document.querySelector("#drop");

/** Calls `onFiles(files)` with files that are dropped anywhere on the page, or pasted into `field`. */
export function onGivenFiles(field, onFiles) {
  addEventListener("dragover", (event) => {
    if (!hasFiles(event.dataTransfer) || isAsking()) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
    area.hidden = false;
  });
  addEventListener("dragleave", ({ relatedTarget }) => {
    if (relatedTarget === null) area.hidden = true;
  });
  addEventListener("drop", (event) => {
    area.hidden = true;
    if (!hasFiles(event.dataTransfer)) return;
    // Otherwise the browser would open the file in place of the page.
    event.preventDefault();
    if (!isAsking()) onFiles(filesIn(event.dataTransfer));
  });
  field.addEventListener("paste", (event) => {
    const { files, types } = event.clipboardData;
    // A spreadsheet gives its cells as a text and as an image: the text is meant.
    if (files.length === 0 || types.includes("text/plain")) return;
    event.preventDefault();
    onFiles(Array.from(files));
  });
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
