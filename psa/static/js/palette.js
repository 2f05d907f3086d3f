// Ctrl K (or Cmd K), or the link <a data-opens="palette">, opens the dialog of that id. Arrows move the mark along its
// list, Enter follows it. Where a text editor has a use of its own for Ctrl K, it keeps it.

const palette = document.getElementById("palette");
const field = palette?.querySelector("input");
const options = () => [...palette.querySelectorAll("[role=option]")];
const marked = () => palette.querySelector("[aria-selected=true]");

const mark = (option) => {
  marked()?.setAttribute("aria-selected", "false");
  option?.setAttribute("aria-selected", "true");
  option?.scrollIntoView({ block: "nearest" });
  if (option) field.setAttribute("aria-activedescendant", option.id);
  else field.removeAttribute("aria-activedescendant");
};

const open = () => {
  if (palette.open) return;
  palette.showModal();
  field.select();
  palette.dispatchEvent(new Event("open"));
};

const move = (steps) => {
  const all = options();
  if (all.length) mark(all[(all.indexOf(marked()) + steps + all.length) % all.length]);
};

if (palette) {
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.key.toLowerCase() !== "k") return;
    if (event.defaultPrevented || event.target.closest?.("trix-editor, .cm-editor")) return;
    event.preventDefault();
    open();
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-opens=palette]") || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open();
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && marked()) {
      event.preventDefault();
      marked().click();
    }
  });
  palette.addEventListener("htmx:afterSettle", () => mark(options()[0]));
  // A click beside it closes it, as a menu does.
  palette.addEventListener("click", (event) => event.target === palette && palette.close());
}
