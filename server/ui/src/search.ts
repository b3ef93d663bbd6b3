// Completes what is typed into a search box: the combobox pattern of the ARIA Authoring Practices, list autocomplete with
// manual selection. Without this file the box is a plain form. All text goes into the page as text.

const WAIT_MS = 120;
const LEAST = 2;

interface Result {
  href: string;
  label: string;
  kind: string;
  classes: { label?: string }[];
  matches: { name: string }[];
}

function complete(box: HTMLElement, input: HTMLInputElement): void {
  const words = box.dataset;
  const list = document.createElement("ul");
  const status = document.createElement("div");
  let options: HTMLLIElement[] = [];
  let active = -1;
  let timer = 0;
  let asking: AbortController | undefined;

  list.id = `${input.id}-suggestions`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", words["suggestions"] ?? "");
  list.hidden = true;
  status.className = "unseen";
  status.setAttribute("role", "status");
  box.append(list, status);
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-controls", list.id);

  function close(): void {
    window.clearTimeout(timer);
    asking?.abort();
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    activate(-1);
  }

  function activate(number: number): void {
    active = number;
    options.forEach((option, each) => option.setAttribute("aria-selected", String(each === number)));
    const option = options[number];
    if (option) {
      input.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else {
      input.removeAttribute("aria-activedescendant");
    }
  }

  function piece(name: string, text: string, parent: HTMLElement): void {
    const element = document.createElement("span");
    element.className = name;
    element.textContent = text;
    parent.append(element);
  }

  function option(result: Result, number: number): HTMLLIElement {
    const element = document.createElement("li");
    element.id = `${list.id}-${number}`;
    element.setAttribute("role", "option");
    element.dataset["href"] = result.href;
    const answered = result.matches[0];
    piece("name", result.label, element);
    if (answered && answered.name !== result.label) piece("alias", answered.name, element);
    piece("kind", result.classes[0]?.label || result.kind, element);
    return element;
  }

  function show(results: Result[]): void {
    options = results.map(option);
    list.replaceChildren(...options);
    list.hidden = !options.length;
    input.setAttribute("aria-expanded", String(options.length > 0));
    status.textContent = (options.length ? words["some"] : words["none"])?.replace("0", String(options.length)) ?? "";
    activate(-1);
  }

  function follow(option: HTMLElement | null | undefined): void {
    if (option?.dataset["href"]) window.location.assign(option.dataset["href"]);
  }

  async function ask(): Promise<void> {
    const text = input.value.trim();
    asking?.abort();
    if (text.length < LEAST) return close();
    asking = new AbortController();
    try {
      const reply = await fetch(`${words["suggest"]}&q=${encodeURIComponent(text)}`, { signal: asking.signal });
      if (reply.ok) show((await reply.json()).results);
      else close();
    } catch (error) {
      if (!(error instanceof DOMException && error.name === "AbortError")) close(); // the form still works
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
        void ask();
      } else {
        const step = event.key === "ArrowDown" ? 1 : -1;
        const places = options.length + 1; // one of them is the input itself
        activate(((active + 1 + step + places) % places) - 1);
      }
    } else if (event.key === "Enter" && active >= 0) {
      follow(options[active]);
    } else {
      return;
    }
    event.preventDefault();
  });
  input.addEventListener("blur", () => window.setTimeout(close, 0));
  list.addEventListener("mousedown", (event) => event.preventDefault()); // the input keeps the focus
  list.addEventListener("click", (event) => {
    if (event.target instanceof Element) follow(event.target.closest<HTMLElement>("[role=option]"));
  });
}

for (const box of document.querySelectorAll<HTMLElement>(".combobox[data-suggest]")) {
  const input = box.querySelector("input");
  if (input) complete(box, input);
}
