// The editor of the Default Templates. <button data-insert="…"> puts its words where the cursor was last, and the
// lines of each text are numbered, because faults are told by the line.

const form = document.getElementById("editor");
const fields = [...form.querySelectorAll("[name=subject], textarea")];
let last = null;

const visible = () => fields.find((field) => field.matches("textarea") && field.offsetParent) ?? fields[0];

form.addEventListener("focusin", (event) => {
  if (fields.includes(event.target)) last = event.target;
});

form.addEventListener("click", (event) => {
  const button = event.target.closest("[data-insert]");
  if (!button) return;
  const field = last?.offsetParent ? last : visible();
  field.focus();
  field.setRangeText(button.dataset.insert, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
});

for (const text of form.querySelectorAll("textarea")) {
  const numbers = document.createElement("pre");
  numbers.className = "numbers";
  numbers.setAttribute("aria-hidden", "true");
  text.before(numbers);
  const number = () => {
    const count = text.value.split("\n").length;
    numbers.textContent = Array.from({ length: count }, (_, line) => line + 1).join("\n");
  };
  text.addEventListener("input", number);
  text.addEventListener("scroll", () => { numbers.scrollTop = text.scrollTop; });
  // Back finds the text as it was left.
  window.addEventListener("pageshow", number);
  number();
}
