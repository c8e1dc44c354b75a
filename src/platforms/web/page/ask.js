const dialog = document.querySelector("#ask");
const title = document.querySelector("#ask-what");
const more = document.querySelector("#ask-more");
const line = document.querySelector("#ask-text");
const long = document.querySelector("#ask-long");
const menu = document.querySelector("#ask-buttons");

/** Asks for a yes; the way back has the focus. `isFinal`: it destroys something. */
export async function confirmed({ question, text = "", yes, isFinal = false }) {
  return (await chosen({ question, text, choices: [{ value: "yes", label: yes, isFinal }] })) === "yes";
}

/** Asks for one of several; undefined when the person thinks better of it. `choices`: { value, label, isFinal }. */
export async function chosen({ question, text = "", choices }) {
  return answered({ question, text, choices });
}

/** Asks for a text; undefined when the person thinks better of it. `yes`: what the buttons say, by the value given. */
export async function askedFor(
  question,
  { text, isLong = false, choices = [{ value: "save", label: "Save" }] },
) {
  const field = isLong ? long : line;
  field.value = text;
  const value = await answered({ question, text: "", choices, field });
  return value === undefined ? undefined : { value, text: field.value.trim() };
}

function answered({ question, text, choices, field }) {
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

// Enter in a field means yes, whichever button stands first.
line.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing) return;
  event.preventDefault();
  dialog.close(menu.lastElementChild.value);
});
