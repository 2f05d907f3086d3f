// What stands in a list that has an order is dragged to another place. Keyboards and browsers without this script have
// the arrows. The list carries data-order, the selector of what an answer takes the place of, and each of its items
// data-place, its number. A drop posts the new number through the form of the item's arrows.

const ITEM = "[data-order] > [data-place]";
const itemsOf = (list) => [...list.querySelectorAll(":scope > [data-place]")];
let dragged = null;

const arm = () => document.querySelectorAll(ITEM).forEach((item) => { item.draggable = true; });

document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.(ITEM) ?? null;
  if (!dragged) return;
  event.dataTransfer.effectAllowed = "move";
  dragged.classList.add("dragged");
});

document.addEventListener("dragover", (event) => {
  const over = dragged && event.target.closest?.(ITEM);
  if (!over || over.parentElement !== dragged.parentElement) return;
  event.preventDefault();
  if (over === dragged) return;
  const box = over.getBoundingClientRect();
  over[event.clientY > box.top + box.height / 2 ? "after" : "before"](dragged);
});

document.addEventListener("dragend", (event) => {
  if (!dragged) return;
  const item = dragged;
  const list = item.parentElement;
  dragged = null;
  item.classList.remove("dragged");
  const places = itemsOf(list).map((one) => Number(one.dataset.place));
  if (event.dataTransfer.dropEffect === "none") {
    // Escape, or let go of elsewhere: everything back to its place.
    list.append(...itemsOf(list).sort((one, other) => one.dataset.place - other.dataset.place));
    return;
  }
  // A page of a long list does not begin with number 1.
  const to = Math.min(...places) + itemsOf(list).indexOf(item);
  if (to === Number(item.dataset.place)) return;
  const target = list.dataset.order;
  htmx.ajax("POST", item.querySelector("form.moves").action, { target, swap: "outerHTML", values: { to: String(to) } });
});

// At the end of the list the arrow that was pressed is disabled, and a disabled button cannot hold the focus: the other
// arrow takes it.
let pressed = "";
document.addEventListener("click", (event) => { pressed = event.target.closest?.("form.moves button")?.id ?? ""; });

document.addEventListener("htmx:afterSettle", () => {
  arm();
  const button = pressed && document.getElementById(pressed);
  if (button?.disabled) button.form.querySelector("button:not(:disabled)")?.focus();
});
arm();
