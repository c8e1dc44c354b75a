/** The buttons of a finished reply, in their order. `name`: for screen readers; missing: the label. */
const kinds = {
  continue: { label: "Continue" },
  regenerate: { label: "Regenerate" },
  "thumbs-up": { label: "👍", name: "Good answer", isVerdict: true },
  "thumbs-down": { label: "👎", name: "Bad answer", isVerdict: true },
};

/** Whether an action is that of a finished reply. */
export function isReplyAction({ id }) {
  return Object.hasOwn(kinds, id);
}

/** The buttons: { id, on, label, name, isVerdict, isWaiting }. `isAgain`: the reply is being given again; they wait. */
export function replyButtons(message, draft) {
  const ofDraft = (draft?.actions ?? []).filter(isReplyAction);
  // While a reply is given again, those of the old one stay.
  const isUnready = draft !== undefined && ofDraft.length === 0;
  const actions = ofDraft.length > 0 ? ofDraft : actionsOf(message ?? {});
  const isWaiting = isUnready || message?.again === true;
  const again = { label: isWaiting ? "Trying again…" : "Try again" };
  const buttons = actions.map(({ id, on }) => {
    const { label, name, isVerdict = false } = message?.role === "notice" ? again : kinds[id];
    return { id, on, label, name, isVerdict, isWaiting: isUnready || (isWaiting && !isVerdict) };
  });
  return { buttons, isAgain: isWaiting && buttons.length > 0 };
}

/** `isOld`: memory no longer holds what an answer needs. */
function actionsOf({ role, on, cut: isCut = false, isOld = false }) {
  if (on === undefined) return [];
  const ids = [];
  if (isCut && !isOld) ids.push("continue");
  if (!isOld) ids.push("regenerate");
  if (role === "assistant") ids.push("thumbs-up", "thumbs-down");
  return ids.map((id) => ({ id, on }));
}
