// Only the browser knows the hash; the form would lose it.
const form = document.querySelector("form");
form.addEventListener("submit", () => {
  form.setAttribute("action", `sign-in${location.hash}`);
});
