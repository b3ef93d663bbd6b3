// The parts of the page that scripts fill, and small ways to write into them. All text goes in as text.

/** The element with this id: the template has it. */
export function part<Kind extends HTMLElement = HTMLElement>(id: string): Kind {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found as Kind;
}

/** A sentence of the template, its %(name)s replaced; the template has it in a data attribute of the element. */
export function said(element: HTMLElement, name: string, values: Record<string, string | number> = {}): string {
  return (element.dataset[name] ?? "").replace(/%\((\w+)\)s/g, (whole, key: string) => String(values[key] ?? whole));
}

/** A new element with this text and class. */
export function made<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  text = "",
  className = "",
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  element.textContent = text;
  if (className) element.className = className;
  return element;
}

/** A button that does something and sends no form. */
export function button(text: string, act: () => void, className = "second small"): HTMLButtonElement {
  const element = made("button", text, className);
  element.type = "button";
  element.addEventListener("click", act);
  return element;
}
