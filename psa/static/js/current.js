// Tabs and steps that are wider than the window show where the reader is: the current one is brought into view.
// Only its own row is moved, never the page (scrollIntoView would); when the page comes, and when htmx brings the row.

const ROW = ".tabs, .steps-h";

const show = (row) => {
  const current = row.querySelector("[aria-current], [aria-selected=true]");
  if (!current || row.scrollWidth <= row.clientWidth) return;
  const [around, own] = [row.getBoundingClientRect(), current.getBoundingClientRect()];
  row.scrollLeft += own.left + own.width / 2 - (around.left + around.width / 2);
};

document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.matches?.(ROW)) show(event.target);
  event.target.querySelectorAll?.(ROW).forEach(show);
});
document.querySelectorAll(ROW).forEach(show);
