// Pictures of the answer: which columns the picture reads is chosen from lists, with what fits chosen already. The picture
// itself is drawn by the server, into the answer.

import { made } from "./page";

interface Column {
  name: string;
  label: string;
  isNumber: boolean;
  isDate: boolean;
  isThing: boolean;
}

type Fits = (column: Column) => boolean;

const named = (pattern: RegExp): Fits => (column) => pattern.test(column.name);
const isText: Fits = (column) => !column.isNumber && !column.isDate && !column.isThing;
const both = (a: Fits, b: Fits): Fits => (column) => a(column) && b(column);
const isNumber: Fits = (column) => column.isNumber;
const isDate: Fits = (column) => column.isDate;
const isThing: Fits = (column) => column.isThing;
const isLabel: Fits = both(isText, named(/label|name|title/i));
const nothing: Fits = () => false;

/** For each kind and each of its columns, what fits, the best first. */
const FITTING: Record<string, Fits[][]> = {
  timeline: [
    [both(isDate, named(/earl|begin|from|first|since/i)), isDate],
    [both(isDate, named(/late|end|until|last/i)), isDate],
    [isLabel, isText, isThing],
    [named(/^(date|edtf)$/i), nothing],
    [nothing],
    [isThing],
  ],
  lanes: [
    [both(isDate, named(/earl|begin|from|first|since/i)), isDate],
    [both(isDate, named(/late|end|until|last/i)), isDate],
    [isLabel, isText, isThing],
    [named(/^(date|edtf)$/i), isText],
    [named(/area|class|kind|type|topic/i), isThing, isText],
    [isThing],
    [nothing],
  ],
  bar: [[isLabel, isText, isThing, isDate], [isNumber], [isThing]],
  network: [[isThing, isText], [isThing, isText], [isNumber]],
  map: [[named(/lat/i)], [named(/lon|lng/i)], [isLabel, isText, isThing], [isThing]],
};

/** Makes the form below an answer one of lists; `draw` gets the parameters of the picture. */
export function offerDrawing(result: HTMLElement, draw: (parameters: Record<string, string>) => void): void {
  const form = result.querySelector<HTMLFormElement>("#drawing form");
  const kinds = form?.querySelector<HTMLSelectElement>("#chart");
  const field = form?.querySelector<HTMLInputElement>("#columns");
  const roles = form?.querySelector<HTMLElement>(".roles");
  const table = result.querySelector<HTMLTableElement>("table.rows");
  if (!form || !kinds || !field || !roles || !table) return;
  const columns = columnsOf(table);
  let given = field.value.split(",").map((name) => name.trim()).filter(Boolean);

  function lists(): HTMLSelectElement[] {
    return [...roles!.querySelectorAll("select")];
  }

  function choose(): void {
    const kind = kinds!.selectedOptions[0];
    const needed: string[] = JSON.parse(kind?.dataset["needed"] ?? "[]");
    const optional: string[] = JSON.parse(kind?.dataset["optional"] ?? "[]");
    const taken = new Set<string>();
    const elements = [...needed, ...optional].map((role, number) => {
      const list = made("select");
      list.id = `role-${number}`;
      list.dataset["needed"] = String(number < needed.length);
      if (number >= needed.length) list.append(new Option(roles!.dataset["none"], "-"));
      list.append(...columns.map((column) => new Option(column.label, column.name)));
      const fitting = given[number] ?? best(columns, FITTING[kinds!.value]?.[number] ?? [], taken);
      list.value = fitting ?? (number < needed.length ? (columns[number]?.name ?? "") : "-");
      taken.add(list.value);
      const label = made("label", role);
      label.htmlFor = list.id;
      const place = made("div");
      place.append(label, list);
      return place;
    });
    roles!.replaceChildren(...elements);
    given = [];
  }

  field.closest<HTMLElement>(".columns")!.hidden = true;
  field.required = false;
  form.querySelector<HTMLElement>(".reads")!.hidden = true;
  roles.hidden = false;
  kinds.addEventListener("change", choose);
  choose();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const names = lists().map((list) => list.value);
    while (names.at(-1) === "-") names.pop();
    draw({ chart: kinds.value, columns: names.join(",") });
  });
}

function best(columns: Column[], fits: Fits[], taken: Set<string>): string | undefined {
  const free = columns.filter((column) => !taken.has(column.name));
  for (const fit of fits) {
    const found = free.find(fit);
    if (found) return found.name;
  }
  return undefined;
}

/** What stands in the columns, by the first rows that have a value. */
function columnsOf(table: HTMLTableElement): Column[] {
  const heads = [...(table.tHead?.rows[0]?.cells ?? [])].filter((head) => head.dataset["name"]);
  const rows = [...(table.tBodies[0]?.rows ?? [])].slice(0, 50);
  return heads.map((head, number) => {
    const cells = rows.map((row) => row.cells[number]).filter((cell) => cell && !cell.querySelector(".unbound"));
    const first = cells[0];
    return {
      name: head.dataset["name"] ?? "",
      label: head.textContent ?? "",
      isNumber: first?.classList.contains("number") ?? false,
      isDate: /^-?\d{4,}-\d\d(-\d\d(T[\d:.]+Z?)?)?$/.test(first?.textContent?.trim() ?? ""),
      isThing: Boolean(first?.querySelector("a")),
    };
  });
}
