// The editor of the Default Templates. <button data-insert="…"> puts its words where the cursor was last, and the
// lines of each text are numbered, because faults are told by the line: the number of one with a fault is marked.

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

const markFaults = () => {
  for (const numbers of form.querySelectorAll(".numbers")) {
    const faults = document.querySelectorAll(`#problems [data-part="${numbers.dataset.part}"]`);
    const lines = [...faults].map((fault) => fault.dataset.line);
    for (const number of numbers.children) number.classList.toggle("wrong", lines.includes(number.textContent));
  }
};

for (const text of form.querySelectorAll("textarea")) {
  const numbers = document.createElement("pre");
  numbers.className = "numbers";
  numbers.dataset.part = text.name;
  numbers.setAttribute("aria-hidden", "true");
  text.before(numbers);
  const number = () => {
    const lines = text.value.split("\n").map((_, line) => {
      const element = document.createElement("span");
      element.textContent = line + 1;
      return element;
    });
    numbers.replaceChildren(...lines);
    markFaults();
  };
  text.addEventListener("input", number);
  text.addEventListener("scroll", () => { numbers.scrollTop = text.scrollTop; });
  // Back finds the text as it was left.
  window.addEventListener("pageshow", number);
  number();
}

document.addEventListener("htmx:afterSettle", markFaults);
