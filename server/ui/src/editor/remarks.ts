// What lint and the parser say of the query: marked where it is, and in a list that leads there and mends it.

import { button, made, part, said } from "./page";
import type { Editor } from "./writing";

export interface Edit {
  begin: number;
  end: number;
  text: string;
}

export interface Remark {
  rule: string;
  severity: string;
  message: string;
  fix?: string;
  line?: number;
  column?: number;
  edits?: Edit[];
}

export interface Linted {
  remarks: Remark[];
  mended?: string | null;
  complete?: boolean;
  unread?: string;
}

export interface Remarks {
  show(linted: Linted, runAnyway?: () => void): void;
  clear(): void;
  onMended(act: () => void): void;
}

/** The place for remarks below the editor. */
export function showRemarks(editor: Editor): Remarks {
  const place = part("remarks");
  let mended = (): void => undefined;

  function clear(): void {
    place.replaceChildren();
    place.hidden = true;
    editor.mark([]);
  }

  function apply(edits: Edit[]): void {
    const points = [...editor.query()];
    for (const edit of [...edits].sort((a, b) => b.begin - a.begin))
      points.splice(edit.begin, edit.end - edit.begin, ...edit.text);
    change(points.join(""));
  }

  function change(query: string): void {
    editor.write(query);
    clear();
    editor.focus();
    mended();
  }

  function item(remark: Remark): HTMLLIElement {
    const element = made("li");
    if (remark.severity !== "note") element.append(made("span", said(place, remark.severity), `tag ${remark.severity}`), " ");
    if (remark.line) {
      const where = said(place, "at", { line: remark.line, column: remark.column ?? 1 });
      element.append(button(where, () => editor.goTo(beginOf(remark, editor.query())), "plain"), " ");
    }
    element.append(made("span", remark.message));
    if (remark.fix) element.append(" – ", made("strong", remark.fix));
    const edits = remark.edits ?? [];
    if (edits.length) element.append(" ", button(said(place, "apply"), () => apply(edits)));
    return element;
  }

  function show(linted: Linted, runAnyway?: () => void): void {
    clear();
    const query = editor.query();
    const placed = linted.remarks.filter((remark) => remark.line);
    editor.mark(placed.map((remark) => ({ ...stretch(remark, query), severity: remark.severity, message: remark.message })));
    const list = made("ul");
    list.append(...linted.remarks.map(item));
    const told = linted.remarks.length ? list : made("p", linted.unread || said(place, "nothing"));
    const actions = made("div", "", "row");
    const { mended: corrected } = linted;
    if (corrected && corrected !== query) actions.append(button(said(place, "applyAll"), () => change(corrected)));
    if (runAnyway) actions.append(button(said(place, "anyway"), runAnyway));
    place.append(made("h2", said(place, "heading")), told, actions);
    if (linted.complete === false) place.append(made("p", said(place, "incomplete"), "muted"));
    place.hidden = false;
  }

  clear();
  return { show, clear, onMended: (act) => (mended = act) };
}

/** Where a remark begins, in code points. */
function beginOf(remark: Remark, query: string): number {
  const lines = query.split("\n").slice(0, (remark.line ?? 1) - 1);
  return lines.reduce((sum, line) => sum + [...line].length + 1, 0) + (remark.column ?? 1) - 1;
}

function stretch(remark: Remark, query: string): { begin: number; end: number } {
  const begin = beginOf(remark, query);
  const rest = [...query].slice(begin).join("");
  const word = /^[^\s{}()<>;,]+|^<[^>]*>|^\S/u.exec(rest)?.[0] ?? "";
  const edit = remark.edits?.find((each) => each.begin <= begin && each.end > begin);
  return edit ? { begin: edit.begin, end: edit.end } : { begin, end: begin + Math.max([...word].length, 1) };
}
