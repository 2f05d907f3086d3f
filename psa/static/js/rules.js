// Rules are dragged to another place in their list. Keyboards and browsers without this script have the arrows.
// The drop posts the new number of the rule through the form of its arrows, and the answer is the list as it is then.

const list = () => document.querySelector("#rules .rules");
let dragged = null;

const arm = () => list()?.querySelectorAll("[data-rule]").forEach((rule) => { rule.draggable = true; });

document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.("#rules [data-rule]") ?? null;
  if (!dragged) return;
  event.dataTransfer.effectAllowed = "move";
  dragged.classList.add("dragged");
});

document.addEventListener("dragover", (event) => {
  const over = dragged && event.target.closest?.("#rules [data-rule]");
  if (!over) return;
  event.preventDefault();
  if (over === dragged) return;
  const box = over.getBoundingClientRect();
  over[event.clientY > box.top + box.height / 2 ? "after" : "before"](dragged);
});

document.addEventListener("dragend", (event) => {
  if (!dragged) return;
  const rule = dragged;
  dragged = null;
  rule.classList.remove("dragged");
  if (event.dataTransfer.dropEffect === "none") {
    // Escape, or let go of elsewhere: everything back to its place.
    const places = [...list().querySelectorAll("[data-rule]")];
    list().append(...places.sort((one, other) => one.dataset.place - other.dataset.place));
    return;
  }
  const to = [...list().querySelectorAll("[data-rule]")].indexOf(rule) + 1;
  if (String(to) === rule.dataset.place) return;
  const form = rule.querySelector("form.moves");
  htmx.ajax("POST", form.action, { target: "#rules", swap: "outerHTML", values: { to: String(to) } });
});

document.addEventListener("htmx:afterSettle", arm);
arm();
