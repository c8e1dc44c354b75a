const dialog = document.querySelector("#ask");
const title = document.querySelector("#ask-what");
const more = document.querySelector("#ask-more");
const line = document.querySelector("#ask-text");
const long = document.querySelector("#ask-long");
const menu = document.querySelector("#ask-buttons");

/** Asks for a yes; Cancel has the focus. `isFinal`: the action destroys something. */
export async function askToConfirm({ question, text = "", yes, isFinal = false }) {
  return (await askToChoose({ question, text, choices: [{ value: "yes", label: yes, isFinal }] })) === "yes";
}

/** Asks for one of `choices`: { value, label, isFinal }. Undefined: cancelled. */
export async function askToChoose({ question, text = "", choices }) {
  return openDialog({ question, text, choices });
}

/**
 * Asks for a text: { value, text }, where `value` is the pressed choice's. Undefined: cancelled. `label`, `maxChars`: of a
 * long text.
 */
export async function askForText(
  question,
  { text, isLong = false, choices = [{ value: "save", label: "Save" }], label = "", maxChars },
) {
  const field = isLong ? long : line;
  long.placeholder = label;
  if (maxChars === undefined) long.removeAttribute("maxlength");
  else long.maxLength = maxChars;
  field.value = text;
  const value = await openDialog({ question, text: "", choices, field });
  return value === undefined ? undefined : { value, text: field.value.trim() };
}

function openDialog({ question, text, choices, field }) {
  title.textContent = question;
  more.textContent = text;
  more.hidden = text === "";
  line.hidden = field !== line;
  long.hidden = field !== long;
  const cancel = buttonFor({ value: "", label: "Cancel" });
  menu.replaceChildren(cancel, ...choices.map(buttonFor));
  menu.lastElementChild.classList.toggle("main-action", choices.at(-1).isFinal !== true);
  dialog.returnValue = "";
  dialog.showModal();
  (field ?? cancel).focus();
  field?.select();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue || undefined), { once: true });
  });
}

function buttonFor({ value, label, isFinal = false }) {
  const node = document.createElement("button");
  node.type = "submit";
  node.value = value;
  node.textContent = label;
  node.classList.toggle("final-action", isFinal);
  return node;
}

// Enter in the field presses the main button, although Cancel stands first.
line.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing) return;
  event.preventDefault();
  dialog.close(menu.lastElementChild.value);
});
