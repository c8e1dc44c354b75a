const dialog = document.querySelector("#ask");
const what = document.querySelector("#ask-what");
const line = document.querySelector("#ask-text");
const long = document.querySelector("#ask-long");
const ok = document.querySelector("#ask-ok");

/** Asks for a yes. */
export async function confirmed(question, yes) {
  return (await answered({ question, yes })) === "ok";
}

/** Asks for a text; undefined when the person thinks better of it. */
export async function askedFor(question, { text, isLong = false }) {
  const field = isLong ? long : line;
  field.value = text;
  const answer = await answered({ question, yes: "Save", field });
  return answer === "ok" ? field.value.trim() : undefined;
}

function answered({ question, yes, field }) {
  what.textContent = question;
  ok.textContent = yes;
  line.hidden = field !== line;
  long.hidden = field !== long;
  dialog.returnValue = "cancel";
  dialog.showModal();
  (field ?? ok).focus();
  field?.select();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue), { once: true });
  });
}

// Enter in a field means yes, whichever button stands first.
line.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault();
  dialog.close("ok");
});
