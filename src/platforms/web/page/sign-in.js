// The conversation in the address is known to the browser alone: the way through the form would lose it.
const form = document.querySelector("form");
form.addEventListener("submit", () => {
  form.setAttribute("action", `sign-in${location.hash}`);
});
