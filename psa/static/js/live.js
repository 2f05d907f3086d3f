// What a page asks for by itself must never disturb the reader, and goes on asking when one question fails: a slow
// server, one that restarts, a network that is gone for a moment.
// A standing watch (hx-trigger="every …") says whether rows may move under the reader's hand (at_top=1: nothing is
// scrolled, ticked or focused), rests while nobody looks, and fails in silence.
// A fragment that shows work in progress (hx-trigger="load delay:…") is asked for again by its own answer only, so
// here it gets another try when none came.

const AGAIN = 1000; // milliseconds until another try
const PATIENCE = 30000; // milliseconds that an answer may take

const triggerOf = (element) => element?.getAttribute?.("hx-trigger") ?? "";
const isWatch = (element) => /\bevery\s/.test(triggerOf(element));
const isProgress = (element) => /\bload delay:/.test(triggerOf(element));

const ask = (element) => htmx.ajax("GET", element.getAttribute("hx-get"), { source: element }).catch(() => {});

const readerIsAtTop = () =>
  window.scrollY < 8 &&
  !document.querySelector("#rows input:checked") &&
  !document.querySelector("#rows :focus");

document.addEventListener("htmx:configRequest", (event) => {
  const element = event.detail.elt;
  if (isWatch(element) || isProgress(element)) event.detail.timeout = PATIENCE;
  if (!isWatch(element)) return;
  if (document.hidden) event.preventDefault();
  else if (readerIsAtTop()) event.detail.parameters["at_top"] = "1";
});

// Back on the page: ask at once instead of at the next tick.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  document.querySelectorAll("[hx-get][hx-trigger*='every']").forEach(ask);
});

const askAgain = (element) => {
  if (isProgress(element)) setTimeout(() => element.isConnected && ask(element), AGAIN);
};

for (const silence of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(silence, (event) => askAgain(event.detail.requestConfig?.elt));
}

// A watch that is refused (signed out elsewhere, the server restarts) must not take a half-written reply away. Work in
// progress is refused for good below 500: then the reader is told.
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const { elt: element, xhr } = event.detail;
  if (isWatch(element) && xhr.status >= 400) event.preventDefault();
  if (isProgress(element) && xhr.status >= 500) {
    event.preventDefault();
    askAgain(element);
  }
});

// A server that somebody types is not replaced by one that was proposed for the address and comes meanwhile.
document.addEventListener("input", (event) => {
  if (event.target.closest("#server")) htmx.trigger("#address", "htmx:abort");
});

// Nor are the user name and the password.
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const typed = [...event.detail.target.querySelectorAll("#ways input:not([type=radio])")];
  if (typed.some((field) => field.value !== field.defaultValue)) event.preventDefault();
});

// What the reader has opened stays open when its fragment is replaced.
const readerOpened = new Set();
document.addEventListener("htmx:beforeSwap", (event) => {
  event.detail.target.querySelectorAll("details[id][open]").forEach((details) => readerOpened.add(details.id));
});
document.addEventListener("htmx:afterSwap", () => {
  readerOpened.forEach((id) => document.getElementById(id)?.setAttribute("open", ""));
  readerOpened.clear();
});
