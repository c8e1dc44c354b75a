const form = document.querySelector("form");
form.addEventListener("submit", () => {
  // Only the browser knows the hash; the form would lose it.
  form.setAttribute("action", `sign-in${location.hash}`);
});
// The form's own address shows that it was refused.
document.querySelector("[role=alert]").hidden = !location.pathname.endsWith("/sign-in");
