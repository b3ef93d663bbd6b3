// What scripts add to a table of an answer: rows sorted by a column, and only those with certain words.

import { made, part, said } from "./page";

/** Every table of an answer below an element that has more than one row. */
export function enhanceTables(place: HTMLElement): void {
  for (const table of place.querySelectorAll<HTMLTableElement>("table.rows")) {
    const body = table.tBodies[0];
    if (body && body.rows.length > 1) enhance(table, body);
  }
}

function enhance(table: HTMLTableElement, body: HTMLTableSectionElement): void {
  const words = part("editor");
  const rows = [...body.rows];
  for (const [column, head] of [...(table.tHead?.rows[0]?.cells ?? [])].entries()) {
    const sort = made("button", head.textContent ?? "", "sort");
    sort.type = "button";
    sort.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const other of table.tHead?.rows[0]?.cells ?? []) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const sorted = [...rows].sort((a, b) => compared(a.cells[column], b.cells[column]) * (down ? -1 : 1));
      body.replaceChildren(...sorted);
    });
    head.replaceChildren(sort);
  }
  const filter = made("input");
  filter.type = "search";
  filter.id = "filter-rows";
  const label = made("label", said(words, "filter"), "filter");
  const count = made("span", "", "muted");
  count.setAttribute("role", "status");
  label.append(" ", filter);
  filter.addEventListener("input", () => {
    const text = filter.value.toLowerCase();
    let shown = 0;
    for (const row of rows) {
      row.hidden = !(row.textContent ?? "").toLowerCase().includes(text);
      if (!row.hidden) shown += 1;
    }
    count.textContent = text ? said(words, "filtered", { shown, rows: rows.length }) : "";
  });
  const bar = made("div", "", "row filter");
  bar.append(label, count);
  table.closest(".scroll")?.before(bar);
}

function compared(a: HTMLTableCellElement | undefined, b: HTMLTableCellElement | undefined): number {
  const [left, right] = [textOf(a), textOf(b)];
  if (a?.classList.contains("number") && b?.classList.contains("number")) return Number(left) - Number(right);
  if (!left || !right) return Number(!left) - Number(!right); // what has no value comes last
  return left.localeCompare(right, document.documentElement.lang, { numeric: true });
}

function textOf(cell: HTMLTableCellElement | undefined): string {
  if (!cell || cell.querySelector(".unbound")) return "";
  return (cell.querySelector("a, span")?.textContent ?? cell.textContent ?? "").trim();
}
