const shownMs = 1_500;

/** Copies, and shows on the button that it is done. */
export async function copyFrom(button, text) {
  const isCopied = await copied(text);
  button.classList.toggle("done", isCopied);
  button.title = isCopied ? "Copied" : "Can't copy here. Select the text instead";
  setTimeout(() => {
    button.classList.remove("done");
    button.title = button.getAttribute("aria-label");
  }, shownMs);
  return isCopied;
}

async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copiedByHand(text);
  }
}

/** Where the page is not served securely, or may not write to the clipboard. */
function copiedByHand(text) {
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
