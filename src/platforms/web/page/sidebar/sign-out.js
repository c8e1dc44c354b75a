import { html } from "htm/preact";

import { askToConfirm } from "../dialog/ask.js";
import { state } from "../state/state.js";

export function SignOut() {
  return html`
    <form id="sign-out" method="post" action="sign-out" hidden=${!state.canSignOut} onSubmit=${signOut}>
      <button type="submit">Sign out</button>
    </form>
  `;
}

async function signOut(event) {
  const { currentTarget: form } = event;
  event.preventDefault();
  const isMeant = await askToConfirm({
    question: "Sign out?",
    text: "You'll lose access to these conversations for good, even if you sign in again.",
    yes: "Sign out",
    isFinal: true,
  });
  if (isMeant) form.submit();
}
