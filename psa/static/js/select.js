// <input type="checkbox" data-selects="NAME"> ticks every checkbox of that name that is shown, and tells by its own mark
// whether all, some or none of them are ticked. Its label is hidden in the page: without this script it does nothing.

const all = document.querySelector("[data-selects]");
const boxes = () => [...document.querySelectorAll(`input[type=checkbox][name="${all.dataset.selects}"]`)];

const tell = () => {
  const ticked = boxes().filter((box) => box.checked).length;
  all.checked = ticked > 0 && ticked === boxes().length;
  all.indeterminate = ticked > 0 && !all.checked;
};

if (all) {
  all.closest("[hidden]").hidden = false;
  document.addEventListener("change", (event) => {
    if (event.target === all) boxes().forEach((box) => { box.checked = all.checked; });
    tell();
  });
  // The button that clears the selection resets the form, after this event.
  document.addEventListener("reset", () => setTimeout(tell));
  document.addEventListener("htmx:afterSettle", tell);
  // Back finds the boxes as they were left.
  window.addEventListener("pageshow", tell);
}
