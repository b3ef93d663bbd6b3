// The editor itself: Yasqe in the place of the text field, which keeps the query for the form.

import Yasqe from "@zazuko/yasqe";
import "@zazuko/yasqe/build/yasqe.min.css";
import { completeFrom, declareUsedPrefixes } from "./completing";
import { part } from "./page";
import type { Vocabulary } from "./vocabulary";

export interface Marked {
  begin: number;
  end: number;
  severity: string;
  message: string;
}

export interface Editor {
  query(): string;
  write(query: string): void;
  focus(): void;
  /** Puts the cursor at a code point of the query. */
  goTo(place: number): void;
  /** Underlines stretches of the query, in code points; those before are forgotten. */
  mark(stretches: Marked[]): void;
  onRun(run: () => void): void;
  onChange(changed: () => void): void;
}

/** Replaces the form's text field by an editor. */
export function write(form: HTMLFormElement, vocabulary: Promise<Vocabulary>): Editor {
  const field = form.querySelector<HTMLTextAreaElement>("#query");
  if (!field) throw new Error("the form has no query");
  completeFrom(vocabulary, form.dataset["search"] ?? "");
  const place = part("writing");
  place.hidden = false;
  const yasqe = new Yasqe(place, {
    value: field.value,
    persistenceId: null,
    showQueryButton: false,
    resizeable: false,
    consumeShareLink: null,
    editorHeight: "auto",
    viewportMargin: Infinity,
    lineWrapping: true,
    screenReaderLabel: form.querySelector("label[for=query]")?.textContent ?? "SPARQL",
    // The first completer's names are IRIs of other hosts' making, and a share link is ours to make.
    prefixCcApi: null,
  });
  field.hidden = true;
  field.required = false;
  const doc = yasqe.getDoc();
  let run = (): void => undefined;
  let known: Record<string, string> = {};
  void vocabulary.then((words) => (known = words.prefixes));
  // Tab leaves the editor, as it leaves any other field: nobody is caught.
  const keys = { Tab: false, "Shift-Tab": false, "Ctrl-Enter": () => run(), "Cmd-Enter": () => run(), "Ctrl-S": false };
  yasqe.addKeyMap(keys as never);
  const events = yasqe as unknown as { on(name: string, act: () => void): void; refresh(): void };
  events.on("change", () => {
    field.value = yasqe.getValue();
    declareUsedPrefixes(yasqe, known);
  });
  form.querySelector("label[for=query]")?.addEventListener("click", () => yasqe.focus());

  let marks: { clear(): void }[] = [];
  const at = (codePoint: number) => doc.posFromIndex([...yasqe.getValue()].slice(0, codePoint).join("").length);
  return {
    query: () => yasqe.getValue(),
    write: (query) => {
      yasqe.setValue(query);
      events.refresh();
    },
    focus: () => yasqe.focus(),
    goTo: (codePoint) => {
      doc.setCursor(at(codePoint));
      yasqe.focus();
    },
    mark: (stretches) => {
      for (const mark of marks) mark.clear();
      marks = stretches.map((each) =>
        doc.markText(at(each.begin), at(each.end), {
          className: `remark ${each.severity}`,
          attributes: { title: each.message },
        }),
      );
    },
    onRun: (act) => (run = act),
    onChange: (act) => events.on("change", act),
  };
}
