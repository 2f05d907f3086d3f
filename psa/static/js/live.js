// A standing watch (hx-trigger="every …") must never disturb the reader. It says whether rows may move under the
// reader's hand (at_top=1: nothing is scrolled, ticked or focused), rests while nobody looks, and fails in silence.

const isWatch = (element) => /\bevery\s/.test(element?.getAttribute?.("hx-trigger") ?? "");

const readerIsAtTop = () =>
  window.scrollY < 8 &&
  !document.querySelector("#rows input:checked") &&
  !document.querySelector("#rows :focus");

document.addEventListener("htmx:configRequest", (event) => {
  if (!isWatch(event.detail.elt)) return;
  if (document.hidden) event.preventDefault();
  else if (readerIsAtTop()) event.detail.parameters["at_top"] = "1";
});

// Back on the page: ask at once instead of at the next tick.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  for (const element of document.querySelectorAll("[hx-get][hx-trigger*='every']")) {
    htmx.ajax("GET", element.getAttribute("hx-get"), { source: element });
  }
});

// A watch that is refused (signed out elsewhere, the server restarts) must not take a half-written reply away.
document.addEventListener("htmx:beforeOnLoad", (event) => {
  if (isWatch(event.detail.elt) && event.detail.xhr.status >= 400) event.preventDefault();
});
