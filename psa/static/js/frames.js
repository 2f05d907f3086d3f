// Gives <iframe data-fits> the height of what is in it. The frame runs no script of its own (sandbox without
// allow-scripts), so the page measures it: when it has loaded, when a picture in it has, and when the window changes.
// Not on every change of size: a mail that is as tall as its frame plus a margin would then grow for ever.

const fit = (frame) => {
  const root = frame.contentDocument?.documentElement;
  if (!root) return;
  const sideways = root.scrollWidth > root.clientWidth ? 18 : 0;
  frame.style.height = `${Math.ceil(root.getBoundingClientRect().height) + sideways}px`;
};

const adopt = (frame) => {
  fit(frame);
  frame.contentDocument?.addEventListener("load", () => fit(frame), true);
};

const frames = () => document.querySelectorAll("iframe[data-fits]");

// "load" does not bubble, but it is seen on the way down, also from frames that htmx brings later.
document.addEventListener("load", (event) => event.target.matches?.("iframe[data-fits]") && adopt(event.target), true);
window.addEventListener("resize", () => frames().forEach(fit));
frames().forEach(adopt);
