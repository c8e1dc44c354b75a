const shownMs = 1_500;

/** Copies the text and shows success on the button. Returns whether it worked. */
export async function copyText(button, text) {
  const isCopied = await copyToClipboard(text);
  button.classList.toggle("done", isCopied);
  button.title = isCopied ? "Copied" : "Can't copy here. Select the text instead";
  setTimeout(() => {
    button.classList.remove("done");
    button.title = button.getAttribute("aria-label");
  }, shownMs);
  return isCopied;
}

/** Returns whether it worked. */
export async function copyToClipboard(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

/** For pages without HTTPS, or without permission for the clipboard. */
function copyBySelection(text) {
  const field = document.createElement("textarea");
  field.className = "unseen";
  field.value = text;
  const { activeElement } = document;
  document.body.append(field);
  field.select();
  const isCopied = document.execCommand("copy");
  field.remove();
  activeElement?.focus();
  return isCopied;
}
