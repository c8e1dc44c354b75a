import { html } from "htm/preact";

/** What a dialog asks. `input`: gets the field, if one is asked for. */
export function Question({ what: { question, text, body, choices, field }, input }) {
  const main = choices.at(-1);
  const kindOf = (each) => (each.isFinal ? "final-action" : each === main ? "main-action" : "");
  const Field = field?.isLong ? "textarea" : "input";
  // Enter in a line presses the main button, although Cancel stands first.
  const onKeyDown = (event) => {
    if (event.key !== "Enter" || event.isComposing || field.isLong) return;
    event.preventDefault();
    event.target.closest("dialog").close(main.value);
  };
  const drawField = () => html`
    <${Field}
      ref=${input}
      aria-labelledby="ask-what"
      autocomplete="off"
      rows=${field.isLong ? 5 : undefined}
      maxlength=${field.isLong ? field.maxChars : 80}
      placeholder=${field.label}
      defaultValue=${field.text}
      onKeyDown=${onKeyDown}
    />
  `;
  return html`
    <form method="dialog">
      <h2 id="ask-what">${question}</h2>
      ${text && html`<p id="ask-more">${text}</p>`} ${body} ${field && drawField()}
      <menu>
        <button value="" class=${main ? "" : "main-action"}>${main ? "Cancel" : "Close"}</button>
        ${choices.map((each) => html`<button value=${each.value} class=${kindOf(each)}>${each.label}</button>`)}
      </menu>
    </form>
  `;
}
