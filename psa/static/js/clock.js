// The running clock in the sidebar goes on by itself, without asking the server: data-since is when it was started.

const face = (since) => {
  const minutes = Math.max(1, Math.ceil((Date.now() - Date.parse(since)) / 60000));
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
};

setInterval(() => {
  for (const clock of document.querySelectorAll("[data-since]")) clock.textContent = face(clock.dataset.since);
}, 10000);
