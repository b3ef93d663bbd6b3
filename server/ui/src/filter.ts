// Shows of a list only what has every word that is typed into its box, while it is typed. Without this file the box is a
// plain form, and the server leaves out the rest.

function filter(input: HTMLInputElement): void {
  const { filter = "", groups = "" } = input.dataset;
  const entries = [...document.querySelectorAll<HTMLElement>(filter)].map((element) => ({
    element,
    text: element.textContent.toLowerCase(),
  }));
  const count = document.querySelector("[data-count]");

  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const { element, text } of entries) element.hidden = !words.every((word) => text.includes(word));
    for (const group of document.querySelectorAll<HTMLElement>(groups)) {
      group.hidden = !group.querySelector("li:not([hidden])");
    }
    if (count) count.textContent = String(entries.filter(({ element }) => !element.hidden).length);
  });
}

for (const input of document.querySelectorAll<HTMLInputElement>("input[data-filter]")) filter(input);
