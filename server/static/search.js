// Completes what is typed into a search box: the combobox pattern of the ARIA Authoring Practices, list autocomplete with
// manual selection. Without this file the box is a plain form. All text goes into the page as text.
"use strict";

const WAIT_MS = 120;
const LEAST = 2;

for (const box of document.querySelectorAll(".combobox[data-suggest]")) {
  const input = box.querySelector("input");
  const list = document.createElement("ul");
  const status = document.createElement("div");
  let options = [];
  let active = -1;
  let timer = 0;
  let asking = null;

  list.id = `${input.id}-suggestions`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Suggestions");
  list.hidden = true;
  status.className = "unseen";
  status.setAttribute("role", "status");
  box.append(list, status);
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-controls", list.id);

  function close() {
    window.clearTimeout(timer);
    if (asking) asking.abort();
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    activate(-1);
  }

  function activate(number) {
    active = number;
    options.forEach((option, each) => option.setAttribute("aria-selected", String(each === number)));
    if (number < 0) {
      input.removeAttribute("aria-activedescendant");
    } else {
      input.setAttribute("aria-activedescendant", options[number].id);
      options[number].scrollIntoView({ block: "nearest" });
    }
  }

  function piece(name, text, parent) {
    const element = document.createElement("span");
    element.className = name;
    element.textContent = text;
    parent.append(element);
  }

  function show(results) {
    options = results.map((result, number) => {
      const option = document.createElement("li");
      option.id = `${list.id}-${number}`;
      option.setAttribute("role", "option");
      option.dataset.href = result.href;
      const answered = result.matches[0];
      piece("name", result.label, option);
      if (answered && answered.name !== result.label) piece("alias", answered.name, option);
      piece("kind", (result.classes[0] && result.classes[0].label) || result.kind, option);
      return option;
    });
    list.replaceChildren(...options);
    list.hidden = !options.length;
    input.setAttribute("aria-expanded", String(options.length > 0));
    status.textContent = options.length ? `${options.length} suggestions, use the arrow keys` : "no suggestions";
    activate(-1);
  }

  async function ask() {
    const text = input.value.trim();
    if (asking) asking.abort();
    if (text.length < LEAST) return close();
    asking = new AbortController();
    try {
      const reply = await fetch(`${box.dataset.suggest}&q=${encodeURIComponent(text)}`, { signal: asking.signal });
      if (reply.ok) show((await reply.json()).results);
      else close();
    } catch (error) {
      if (error.name !== "AbortError") close(); // the form still works
    }
  }

  input.addEventListener("input", () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(ask, WAIT_MS);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape" && !list.hidden) {
      close();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (list.hidden) {
        ask();
      } else {
        const step = event.key === "ArrowDown" ? 1 : -1;
        const places = options.length + 1; // one of them is the input itself
        activate(((active + 1 + step + places) % places) - 1);
      }
    } else if (event.key === "Enter" && active >= 0) {
      window.location.assign(options[active].dataset.href);
    } else {
      return;
    }
    event.preventDefault();
  });
  input.addEventListener("blur", () => window.setTimeout(close, 0));
  list.addEventListener("mousedown", (event) => event.preventDefault()); // the input keeps the focus
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) window.location.assign(option.dataset.href);
  });
}
