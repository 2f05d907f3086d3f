// <button data-copy="ID"> copies the text of the element with that id and says so for two seconds.
// Browsers give the clipboard to secure pages only; elsewhere the text is selected, ready for Ctrl C.

const say = (button, words) => {
  if (button.dataset.says) return;
  const before = [...button.childNodes];
  button.dataset.says = words;
  button.textContent = words;
  setTimeout(() => {
    button.replaceChildren(...before);
    delete button.dataset.says;
  }, 2000);
};

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  const source = button && document.getElementById(button.dataset.copy);
  if (!source) return;
  getSelection().selectAllChildren(source);
  try {
    await navigator.clipboard.writeText(source.textContent.trim());
    say(button, "Copied");
  } catch {
    say(button, "Press Ctrl C");
  }
});
