// The canned queries to begin with: filtered by words, and written into the editor without leaving the page.

import { part } from "./page";
import type { Editor } from "./writing";

/** Makes the list of examples work on the editor; without scripts each is a link. */
export function fillExamples(editor: Editor): void {
  const place = part("examples");
  const filter = place.querySelector<HTMLInputElement>("input");
  const items = [...place.querySelectorAll("li")];
  place.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    const query = link && new URL(link.href).searchParams.get("query");
    if (!query || (event instanceof MouseEvent && (event.ctrlKey || event.metaKey || event.shiftKey))) return;
    event.preventDefault();
    editor.write(query);
    editor.focus();
    part("editor").scrollIntoView({ block: "start" });
  });
  if (!filter) return;
  filter.closest<HTMLElement>("[hidden]")?.removeAttribute("hidden");
  filter.addEventListener("input", () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const item of items) {
      const text = (item.textContent ?? "").toLowerCase();
      item.hidden = !words.every((word) => text.includes(word));
    }
    for (const family of place.querySelectorAll<HTMLElement>("section"))
      family.hidden = ![...family.querySelectorAll("li")].some((item) => !item.hidden);
  });
}
