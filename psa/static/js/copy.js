// <button data-copy="ID"> copies the text of the element with that id and says so for two seconds.
// Browsers give the clipboard to secure pages only; elsewhere the text is selected, ready for Ctrl C.

const select = (element) => getSelection().selectAllChildren(element);

const say = (button, words) => {
  const before = button.innerHTML;
  button.textContent = words;
  setTimeout(() => { button.innerHTML = before; }, 2000);
};

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  const source = button && document.getElementById(button.dataset.copy);
  if (!source) return;
  select(source);
  try {
    await navigator.clipboard.writeText(source.textContent.trim());
    say(button, "Copied");
  } catch {
    say(button, "Press Ctrl C");
  }
});
